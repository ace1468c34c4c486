import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import type { AttemptRow } from '../../../src/pool.ts'
import { quoteArguments } from '../../../src/shell/quote-argv.ts'
import { machineImage, useTestEngine } from '../../support/container-engine.ts'
import { eventually } from '../../support/eventually.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { makeHome, startSshServer } from '../../support/ssh-server.ts'
import { startProcess, useUserProject } from '../../support/user-project.ts'

useCleanState()
const { command, start, write, directory } = useUserProject('')
const image = 'localhost/machine:1'
useTestEngine({ [image]: machineImage })
/** Shorter than the time that a canceled test has for its end. */
const graceMs = 15_000
/** Longer than the time in which a second signal counts as the same request. */
const sameRequestMs = 200

const commands = (name: string, ...lines: string[]): string[] => ['--commands', write(name, `${lines.join('\n')}\n`)]
const alone = ['--services', 'none', '--output']

function attemptsIn(results: string): AttemptRow[] {
  const lines = readFileSync(join(directory, results, 'attempts.jsonl'), 'utf8')
    .trim()
    .split('\n')
  return lines.map((line) => JSON.parse(line) as AttemptRow)
}

/** Starts a server that answers once it has as many requests. Returns the port. */
async function startMeeting(count: number): Promise<number> {
  const waiting: ServerResponse[] = []
  const server = createServer((_, response) => {
    waiting.push(response)
    if (waiting.length === count) for (const each of waiting) each.end()
  })
  server.listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

test('machines of all kinds run the tests of a pool at the same time', async () => {
  await using server = await startSshServer()
  const { user, host, port } = server.options
  const meeting = await startMeeting(3)
  const ask = `busybox wget -q -O - http://127.0.0.1:${meeting}`
  const given = commands('meeting', `${ask}/1`, `${ask}/2`, `${ask}/3`)
  const machines = `local=1,ssh://${user}@${host}:${port}=1,container:${image}=1`
  const running = start(['pool', 'run', ...given, '--machines', machines, ...alone, 'all-kinds'], {
    env: { HOME: makeHome(server), SSH_AUTH_SOCK: '' },
  })
  const { code, stderr } = await running.ended
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('3 passed in') })
  const names = attemptsIn('all-kinds').map(({ machine }) => machine)
  expect(names.sort()).toEqual(['local-1', `${image}/1`, `${user}@${host}/1`].sort())
})

test('a second Ctrl-C does not wait for a test that ignores SIGTERM', async () => {
  const asked = join(directory, 'asked')
  const stubborn = `trap 'touch ${asked}' TERM; touch ${directory}/begun; while :; do sleep 0.1; done`
  const running = start(['pool', 'run', ...commands('stubborn', stubborn, 'true'), ...alone, 'interrupted'])
  await running.said('✔ true')
  await eventually('the test runs', () => existsSync(join(directory, 'begun')))
  const beganAt = performance.now()
  const elapsedMs = (): number => performance.now() - beganAt
  running.child.kill('SIGINT')
  await eventually('the test was asked to end', () => existsSync(asked) && elapsedMs() > sameRequestMs)
  running.child.kill('SIGINT')
  expect(await running.ended).toMatchObject({ code: 130, stderr: expect.stringContaining('1 passed, 1 not run') })
  expect(elapsedMs()).toBeLessThan(graceMs)
  expect(attemptsIn('interrupted').map(({ test: name, state }) => [name, state])).toEqual([
    ['true', 'passed'],
    [stubborn, 'canceled'],
  ])
})

test('a terminal shows what each machine does, and how far the run is', async () => {
  const shown = await showIn('stty rows 24 columns 80', 'shown')
  expect(shown).toMatch(/… local-\d sleep 0\.4 \d+ ms\r?\n/)
  expect(shown).toMatch(/0 of 2 done\r?\n/)
  expect(shown).toMatch(/✖ sleep 0\.5; exit 3 failed [^\n]*\n {2}exit status 3\r?\n/)
  expect(shown).toMatch(/1 passed, 1 failed in /)
})

test('a terminal that does not tell its size gets a line for each test', async () => {
  const shown = await showIn('stty rows 0 columns 0', 'plain')
  expect(shown).toMatch(/✔ sleep 0\.4 [^\n]*\n/)
  expect(shown).toMatch(/✖ sleep 0\.5; exit 3 failed [^\n]*\n {2}exit status 3\r?\n/)
  expect(shown).not.toContain('done')
})

/** Returns the text of a pool in a terminal, after a command of the terminal. */
async function showIn(before: string, name: string): Promise<string> {
  const given = commands(name, 'sleep 0.4', 'sleep 0.5; exit 3')
  const argv = [
    process.execPath,
    command,
    'pool',
    'run',
    ...given,
    '--machines',
    'local=2',
    ...alone,
    `${name}-results`,
  ]
  const line = `${before}; exec ${quoteArguments(argv)}`
  const script = ['script', '--quiet', '--return', '--command', line, '/dev/null']
  const { code, stdout } = await startProcess(script, { cwd: directory }).ended
  expect(code).toBe(1)
  return stripVTControlCharacters(stdout)
}
