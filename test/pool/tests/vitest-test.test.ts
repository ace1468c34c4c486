import { afterAll, expect, test } from 'vitest'
import { vitestFiles } from '../../../src/pool/tests/vitest-test.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { RecordedAttempt, TestMachine } from '../../support/recorded-attempt.ts'
import { vitestProject } from '../../support/vitest-project.ts'

useCleanState()
const machine = new TestMachine()
afterAll(() => machine.release())

const directory = vitestProject({}, 'mixed-results')

test('each file is a test, chosen by the filters of Vitest', async () => {
  const tests = await vitestFiles({ directory, filters: ['test/'], limitMs: 5000, tags: ['slow'] })
  expect(tests.map(({ name }) => name).sort()).toEqual(['test/mixed.test.ts', 'test/passes.test.ts'])
  expect(tests[0]).toMatchObject({ kind: 'vitest', limitMs: 5000, tags: ['slow'] })
})

test('each result of Vitest is a result of the test, with the text of its failure', async () => {
  const [file] = await vitestFiles({ directory, filters: ['mixed'], environment: { FORCE_COLOR: 0 } })
  using attempt = new RecordedAttempt(machine, { environment: { LP_DB_URL: 'url' }, logs: { db: 'log' } })
  expect(await file?.run(attempt)).toEqual({ exitCode: 1, passed: false })
  expect(attempt.results.map(({ other, ...result }) => result)).toEqual([
    { status: 'pass', name: 'passes' },
    {
      status: 'fail',
      name: 'a group > fails',
      note: 'expected { a: 1 } to deeply equal { a: 2 }',
      files: ['failure.txt'],
    },
    { status: 'fail', name: 'a group > fails red', note: 'first line', files: ['failure.txt'] },
    { status: 'skip', name: 'a group > is skipped', note: 'skip' },
    { status: 'skip', name: 'a group > skips itself', note: 'not today' },
    { status: 'skip', name: 'is to be written', note: 'todo' },
    {
      status: 'fail',
      note: '2 of 6 tests failed; the first: a group > fails: expected { a: 1 } to deeply equal { a: 2 }',
      testout: 'output.txt',
      files: ['service-db.log'],
    },
  ])
  expect(attempt.results[0]?.other).toEqual({ duration: expect.any(Number) })
  const { 'a group > fails/failure.txt': difference, 'a group > fails red/failure.txt': thrown } = attempt.files
  const at = (line: number, column: number): string => `    at ${directory}/test/mixed.test.ts:${line}:${column}`
  expect(difference).toContain(`AssertionError: expected { a: 1 } to deeply equal { a: 2 }\n${at(6, 40)}\n`)
  expect(difference).toContain(`
  5 | describe('a group', () => {
> 6 |   test('fails', () => expect({ a: 1 }).toEqual({ a: 2 }))
    |                                        ^
  7 |`)
  expect(difference).toContain('-   "a": 2,\n+   "a": 1,')
  expect(thrown).toContain(`Error: first line\nsecond line\n${at(9, 11)}\n\n`)
  expect(thrown).toContain(`\n\ncaused by Error: the cause\n${at(9, 57)}\n`)
  // A worker does not have the descriptor, and must not be told of it.
  expect(attempt.text).toContain('printed,url,\n')
})
