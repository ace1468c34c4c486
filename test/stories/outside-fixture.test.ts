import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stop, transform } from 'esbuild'
import { beforeAll, expect, test } from 'vitest'
import { type Block, blocksOf } from '../support/documents.ts'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { type Ran, startProcess, useUserProject } from '../support/user-project.ts'

const { stateDirectory } = useCleanState()
const project = useUserProject('')
const packageName = 'test-services-fixture-my-redis'
const packageDirectory = `node_modules/${packageName}`
const blocks = blocksOf('docs/writing-a-fixture.md')

/** Code of the blocks that show a file, in the order of the document. */
function versionsOf(file: string): string[] {
  return blocks.flatMap((block) => (block.file === file ? [block.code] : []))
}

function isManifest({ language, code }: Block): boolean {
  return language === 'json' && code.includes(packageName)
}

/** JavaScript of a file in TypeScript, as the package of an author has it. */
async function compiled(source = ''): Promise<string> {
  const { code } = await transform(source.replaceAll('redis.ts', 'redis.js'), { loader: 'ts', target: 'node20' })
  return code
}

/** The package of an author, installed beside ours. */
beforeAll(async () => {
  project.write(`${packageDirectory}/package.json`, blocks.find(isManifest)?.code ?? '')
  for (const name of ['redis', 'redis.test', 'index'])
    project.write(`${packageDirectory}/${name}.js`, await compiled(versionsOf(`${name}.ts`).at(-1)))
  // Its process would be taken for a leftover.
  await stop()
})

async function node(directory: string, ...argv: string[]): Promise<Ran> {
  const cwd = join(project.directory, directory)
  const ran = await startProcess([process.execPath, ...argv], { cwd }).ended
  await expectNothingLeft(stateDirectory)
  return ran
}

test('a fixture in a package outside the repository keeps the contract', {
  timeout: 90_000,
}, async () => {
  const ran = await node(packageDirectory, '--test', '--test-reporter=tap', 'redis.test.js')
  expect(ran.code, ran.stdout).toBe(0)
  expect(ran.stdout).toMatch(/^# pass \d\d$/m)
  expect(ran.stdout).toMatch(/^# skipped 0$/m)
})

test('the fixture of the first step starts, resets and stops', async () => {
  for (const file of ['redis.ts', 'first.ts']) project.write(`first/${file}`, versionsOf(file)[0] ?? '')
  expect(await node('first', '--import', 'tsx', 'first.ts')).toMatchObject({ code: 0, stdout: '0\n' })
})

test('the package is found by name, without a config file', async () => {
  project.write('package.json', '{"type":"module"}')
  const doctor = await project.run(['doctor', 'my-redis'])
  expect(doctor).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^✓ my-redis\n {2}installed: .*redis-server$/m),
  })
  const script = 'case $LP_MY_REDIS_URL in redis://default:*) redis-cli -u "$LP_MY_REDIS_URL" ping;; esac'
  const exec = await project.run(['exec', 'my-redis', '--', 'sh', '-c', script])
  expect(exec).toMatchObject({ code: 0, stdout: 'PONG\n' })
  await project.run(['init', 'my-redis'])
  const config = readFileSync(join(project.directory, 'test-services.config.js'), 'utf8')
  expect(config).toContain(`import myRedis from '${packageName}'`)
  expect(config).toContain('    myRedis: myRedis(),\n')
})
