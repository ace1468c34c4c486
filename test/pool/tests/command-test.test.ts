import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type CommandTestOptions, commandTest } from '../../../src/pool/tests/command-test.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { RecordedAttempt, TestMachine } from '../../support/recorded-attempt.ts'

useCleanState()
const machine = new TestMachine()
afterAll(() => machine.release())

test('a text is run by sh, with the variables of the test and of the attempt', async () => {
  const command = 'echo "$TEST_SERVICES_TEST $GIVEN $COUNT $LP_DB_URL" | tr a-z A-Z'
  const { text, results, end } = await run({ command, environment: { GIVEN: 'given', COUNT: 3 } })
  expect(text).toBe('/THE TEST GIVEN 3 URL\n')
  expect(results).toEqual([{ status: 'pass', testout: 'output.txt' }])
  expect(end).toEqual({ exitCode: 0, passed: true })
})

test('a list is a program and its exact arguments', async () => {
  const odd = ['', ' a  b ', '$HOME', `it's "odd"`, '*', 'two\nlines', '--', 'é']
  const { text } = await run({ command: ['printf', '[%s]', ...odd] })
  expect(text).toBe(odd.map((argument) => `[${argument}]`).join(''))
})

test('files are put first, and the command runs in its directory', async () => {
  const source = join(machine.directory, 'source')
  mkdirSync(join(source, 'sub'), { recursive: true })
  writeFileSync(join(source, 'sub/data.txt'), 'data')
  const files = { 'work/tree': source, [join(machine.directory, 'work/data')]: join(source, 'sub/data.txt') }
  const { text } = await run({ command: 'pwd; cat data tree/sub/data.txt', directory: 'work', files })
  expect(text).toBe(`${machine.directory}/work\ndatadata`)
})

test('a program that does not exist keeps the test from running', async () => {
  await expect(run({ command: ['no-such-program'] })).rejects.toMatchObject({ code: 'ERR_MISSING_BINARY' })
})

test('the paths of files here are those of the directory in which the test is made', () => {
  const { data } = commandTest({ name: '/a', command: ['x'], files: { f: 'relative' } })
  expect(data).toMatchObject({ files: { f: join(process.cwd(), 'relative') } })
})

test.each([
  ['no name', { command: 'x' }, 'commandTest().name: missing'],
  ['an empty command', { name: 'a', command: [] }, 'commandTest().command'],
  [
    'a limit of 0',
    { name: 'a', command: 'x', limitMs: 0 },
    'commandTest().limitMs: expected a number of milliseconds above 0',
  ],
  [
    'an unknown key',
    { name: 'a', command: 'x', enviroment: {} },
    'commandTest().enviroment: unknown key (did you mean "environment"?)',
  ],
])('a wrong option is refused: %s', (_, options, message) => {
  const make = (): unknown => commandTest(options as unknown as CommandTestOptions)
  expect(make).toThrow(message)
  expect(make).toThrow(expect.objectContaining({ code: 'ERR_CONFIG' }))
})

async function run(options: Omit<CommandTestOptions, 'name'>) {
  using attempt = new RecordedAttempt(machine, { environment: { LP_DB_URL: 'url' } })
  const end = await commandTest({ name: '/the test', ...options }).run(attempt)
  return { text: attempt.text, results: attempt.results, end }
}
