import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { startProgram } from '../support/program.ts'
import { useUserProject } from '../support/user-project.ts'

const { stateDirectory } = useCleanState()
const project = useUserProject('')

project.copy('programs/holds-a-tenant.mjs', 'holder.mjs')
project.write(
  'reclaim.ts',
  `import { rmSync } from 'node:fs'
  enum Removed { Yes } // what Node itself does not compile
  export async function reclaim({ path }: { path: string }): Promise<Removed> { rmSync(path); return Removed.Yes }`,
)
project.copy('programs/refuses-to-reclaim.mjs', 'refuses.mjs')
project.copy('programs/reclaims-at-a-port.mjs', 'asks.mjs')

async function holder(...argv: readonly string[]): Promise<{ said: string; kill(): Promise<void> }> {
  const { line, kill } = startProgram([process.execPath, 'holder.mjs', ...argv], { cwd: project.directory })
  return { said: await line(), kill }
}

test('a module in TypeScript removes what a killed holder had made', async () => {
  const tenant = join(stateDirectory, 'compiled')
  const { said, kill } = await holder(tenant, './reclaim.ts')
  expect([said, existsSync(tenant)]).toEqual(['up', true])
  await kill()
  await eventually('the tenant is gone', () => !existsSync(tenant))
})

test('a module that tsx has loaded is recorded without the mark of tsx in its URL', async () => {
  const tenant = join(stateDirectory, 'loaded')
  const { said, kill } = await holder(tenant, './reclaim.ts?tsx-namespace=a1b2')
  expect([said, existsSync(tenant)]).toEqual(['up', true])
  await kill()
  await eventually('the tenant is gone', () => !existsSync(tenant))
})

test('a module that is not there is refused before anything is made', async () => {
  const tenant = join(stateDirectory, 'unmade')
  const { said } = await holder(tenant, './missing.ts')
  expect(said).toBe(
    `there is no module ${join(project.directory, 'missing.ts')} that removes the resource: write one that exports reclaim(data, limitMs), and give its URL: new URL('./reclaim.ts', import.meta.url).href`,
  )
  expect(existsSync(tenant)).toBe(false)
})

test('a module without the export is refused before anything is made', async () => {
  const tenant = join(stateDirectory, 'unmade')
  project.write('chunk.mjs', 'async function reclaim() {}\nexport { reclaim as r }')
  const { said } = await holder(tenant, './chunk.mjs')
  expect(said).toBe(
    `${join(project.directory, 'chunk.mjs')} does not export reclaim(data, limitMs): give the URL of the module that does; of code that is bundled, the URL of a file of its own`,
  )
  expect(existsSync(tenant)).toBe(false)
})

test('leftovers are named once, by label or module, without a password', async () => {
  const tenant = join(stateDirectory, 'left')
  for (const label of ['the tenant of TENANT', '']) {
    const { kill } = await holder(tenant, './refuses.mjs', ...(label ? [label] : []))
    await kill()
    const swept = await eventually('a sweep has its turn', async () => {
      const ran = await project.run(['sweep'])
      return ran.stdout.includes('  left ') && ran
    })
    const name = label || `what ${join(project.directory, 'refuses.mjs')} removes`
    expect(swept).toMatchObject({ code: 1, stderr: '' })
    expect(swept.stdout.replace(/^run \w+/, 'run X')).toBe(
      `run X: kept on record, for the next sweep\n  left ${name} (refused by redis://me:********@127.0.0.1:1 with ********)\n`,
    )
    rmSync(tenant)
    await expectNothingLeft(stateDirectory)
  }
})

test('a server that is gone has taken with it what is undone there', async () => {
  const { kill } = await holder(join(stateDirectory, 'gone'), './asks.mjs')
  await kill()
  await expectNothingLeft(stateDirectory)
})
