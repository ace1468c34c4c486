import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { AttemptRow } from '../../../src/pool.ts'
import { eventually } from '../../support/eventually.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { useUserProject } from '../../support/user-project.ts'

useCleanState()
const { run, start, write, directory } = useUserProject('')
const alone = ['--machines', 'local=1', '--services', 'none', '--output']

function countedIn(results: string): string[] {
  const lines = readFileSync(join(directory, results, 'attempts.jsonl'), 'utf8')
    .trim()
    .split('\n')
  const rows = lines.map((line) => JSON.parse(line) as AttemptRow)
  return rows.filter(({ state, rerun }) => state !== 'lost' && rerun === null).map((row) => row.test)
}

test('a host joins a run by the printed command, and the run counts the tests of both', async () => {
  const one = 'touch one; until test -e two && test -e go; do sleep 0.05; done'
  const two = 'touch two; until test -e one && test -e go; do sleep 0.05; done; exit 7'
  const commands = write('commands', `${one}\n${two}\n`)
  const running = start(['pool', 'run', '--commands', commands, '--listen', '127.0.0.1', ...alone, 'here'])
  await running.said(/TEST_SERVICES_QUEUE='redis:\S+' .*pool work\n/)
  const [, url = ''] = /TEST_SERVICES_QUEUE='(\S+)'/.exec(running.heard()) ?? []
  const env = { TEST_SERVICES_QUEUE: url }
  const working = start(['pool', 'work', ...alone, 'there'], { env })
  onTestFinished(() => {
    for (const { child } of [working, running]) child.kill('SIGKILL')
  })
  const status = await eventually(
    'both hosts are shown',
    async () => {
      const { stdout } = await run(['pool', 'status', '--json'], { env })
      const { hosts } = JSON.parse(stdout || '{"hosts":[]}') as { hosts: { machines: { test: string | null }[] }[] }
      return hosts.flatMap(({ machines }) => machines).filter((machine) => machine.test).length === 2 && stdout
    },
    30_000,
  )
  expect(JSON.parse(status)).toMatchObject({ counts: { passed: 0, notRun: 2 }, run: { total: 2 } })
  write('go', '')
  expect(await working.ended).toMatchObject({ signal: null })
  const { code, stderr } = await running.ended
  expect(code).toBe(1)
  expect(stderr).toMatch(/exit 7 failed on \S+\non all hosts: 1 passed, 1 failed \(2 on \S+\)\nresults: here; /)
  expect([countedIn('here'), countedIn('there')]).toEqual([[one], [two]])
  const reportOf = async (...results: string[]) => (await run(['report', ...results])).stdout.split('\n')[0]
  expect(await reportOf('here')).toBe('1 of 2 tests failed')
  expect(readFileSync(join(directory, 'here/junit.xml'), 'utf8')).toMatch(
    /ran on \S+: output and files are in the resu/,
  )
  expect(await reportOf('here', 'there')).toBe('1 of 2 tests failed')
  expect(readFileSync(join(directory, 'here/junit.xml'), 'utf8')).toMatch(/exit status 7/)
})

test.each([
  [['pool', 'work'], 2, 'pool work needs --queue redis://…, or the variable TEST_SERVICES_QUEUE'],
  [['pool', 'status'], 2, 'pool status needs --queue redis://…, or the variable TEST_SERVICES_QUEUE'],
  [['pool', 'work', '--queue', 'redis://:secret@127.0.0.1:1'], 4, 'redis://:***@127.0.0.1:1 cannot be reached'],
  [['pool', 'run', '--queue', 'redis://127.0.0.1:1', '--listen'], 2, '--listen and --queue exclude each other'],
])('%j is refused', async (argv, code, message) => {
  expect(await run(argv)).toMatchObject({ code, stderr: expect.stringContaining(message) })
})
