import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quoteArguments } from '../../../src/shell/quote-argv.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { cases } from '../../support/repeats.ts'
import { makeHome, type SshServer, startSshServer } from '../../support/ssh-server.ts'
import { type Ran, startProcess, useUserProject } from '../../support/user-project.ts'

useCleanState()
const { command, directory, write } = useUserProject()
let server: SshServer

beforeAll(async () => {
  for (const name of ['run.json', 'results.jsonl']) write(`old-results/${name}`, '')
  server = await startSshServer()
})
afterAll(() => server[Symbol.asyncDispose]())

/** The command of a pool whose machine is reached over ssh: a child with an event loop of its own. */
function poolRun(line: string, ...options: string[]): string[] {
  const { user, host, port } = server.options
  const machines = ['--machines', `ssh://${user}@${host}:${port}=1`]
  return [process.execPath, command, 'pool', 'run', ...machines, '--commands', write('commands', line), ...options]
}

const inPipes = (argv: string[]): Promise<Ran> =>
  startProcess(argv, { cwd: directory, env: { HOME: makeHome(server), SSH_AUTH_SOCK: '' } }).ended

/** Runs a command in a terminal. Standard output has all output. */
const inTerminal = (argv: string[]): Promise<Ran> =>
  inPipes(['script', '--quiet', '--return', '--command', quoteArguments(argv), '/dev/null'])

// The command is a child: the timers of this process would keep an event loop going.
const pipes = { place: 'pipes', run: inPipes }
const terminal = { place: 'a terminal', run: inTerminal }

test.each(
  cases(
    [{ line: 'false', code: 1, services: 'none', ...pipes }],
    [
      { line: 'true', code: 0, services: 'none', ...pipes },
      { line: 'false', code: 1, services: 'none', ...terminal },
      { line: 'true', code: 0, services: 'none', ...terminal },
      { line: 'test "$WEB_URL"', code: 0, services: 'shared', ...pipes },
      { line: 'test "$WEB_URL" -a -e server.pl', code: 0, services: 'own', ...pipes },
      {
        line: `cmp ${directory}/server.pl server.pl && test ${directory} != "$PWD" -a ! -e old-results`,
        code: 0,
        services: 'none',
        ...pipes,
      },
    ],
  ),
)('over ssh in $place, with $services services, $line ends a pool by $code', async (given) => {
  const { line, code, services, place, run } = given
  const output = `results of ${line.length} in ${place}`
  const ran = await run(poolRun(line, '--services', services, '--output', output))
  const said = `${ran.stdout}${ran.stderr}`
  expect(ran, said).toMatchObject({ code })
  expect(said).toContain(code === 0 ? '1 passed' : '1 failed')
  const record = JSON.parse(readFileSync(join(directory, output, 'run.json'), 'utf8'))
  expect(record.summary.outcome).toBe(code === 0 ? 'passed' : 'failed')
})
