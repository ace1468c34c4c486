import { beforeAll, describe, expect, inject, test } from 'vitest'
import { type ShellUnderTest, shellsUnderTest, testIn } from '../shell/installed-shells.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { cases } from '../support/repeats.ts'
import { type Ran, startProcess, useUserProject } from '../support/user-project.ts'
import { createProject } from '../vitest/project.ts'

useCleanState()
/** No config: the embedded default, Postgres. */
const project = useUserProject('')
const command = `'${process.execPath}' '${inject('installedCommand')}'`

function shellScript(shell: ShellUnderTest, lines: readonly string[]): Promise<Ran> {
  const evaluate = shell.format === 'csh' ? 'eval "`$1`"' : 'eval "$($1)"'
  const text = lines.map(
    (line) => `${line.replace(/^eval (.*)$/, (_, argv) => evaluate.replace('$1', () => `${command} ${argv}`))}\n`,
  )
  const script = project.write(`${shell.name.replaceAll(/\W/g, '-')}.script`, text.join(''))
  return startProcess([...shell.argv, script], { cwd: project.directory, env: { LANG: 'C.UTF-8' } }).ended
}

const asks = project.copy('programs/tells-its-server.mjs')
const ask = `'${process.execPath}' '${asks}'`
const servers = ({ stdout }: Ran): string[] => stdout.split('\n').filter((line) => line.startsWith('server of'))
const names = cases(['bash --norc', 'tcsh -f'], ['dash', 'zsh -f', 'fish --no-config'])
const asked = shellsUnderTest.filter(({ name }) => names.includes(name))

/** The first start of a machine prepares the data that the others copy. */
beforeAll(async () => {
  expect((await project.run(['exec', '--', 'true'])).code).toBe(0)
}, 120_000)

describe.each(asked)('a developer in $name', (shell) => {
  testIn(shell, 'has a Postgres after one eval, in another terminal too, and none after the next', async () => {
    const first = await shellScript(shell, ['eval --daemonise -q', ask])
    expect(servers(first), first.stderr).toHaveLength(1)
    const second = await shellScript(shell, ['eval env', ask, 'eval --stop -q', ask])
    expect(servers(second)).toEqual(servers(first))
    expect((await project.run(['status'])).code).toBe(3)
  })
})

test('status shows no password', async () => {
  expect((await project.run(['--daemonise'])).code).toBe(0)
  const variables = JSON.parse((await project.run(['env', '--format', 'json'])).stdout)
  const { stdout } = await project.run(['status'])
  expect(stdout).toContain('********')
  expect(stdout).not.toContain(new URL(variables.LP_POSTGRES_URL).password)
  expect((await project.run(['stop'])).code).toBe(0)
})

test('a test run attaches without a start; each worker has a database of its own', async () => {
  const user = await createProject('database')
  const variables = JSON.parse(await user.command(['--daemonise', '--format', 'json'])) as Record<string, string>
  try {
    for (const _ of [1, 2]) {
      const { exitCode, output } = await user.run(['asks-server'], variables)
      expect(exitCode, output).toBe(0)
    }
    const [first, second] = user.told()
    expect(first?.start).toBe(second?.start)
    expect(`/${first?.name}`).not.toBe(new URL(variables.LP_DB_URL ?? '').pathname)
    const env = { ...variables, LP_POSTGRES_URL: variables.LP_DB_URL }
    const direct = await startProcess([process.execPath, asks], { env }).ended
    expect(direct.stdout).toBe(`server of ${first?.start}\n`)
  } finally {
    await user.command(['stop'])
  }
})
