import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PoolTest } from '../../../src/pool/tests/pool-test.ts'
import { vitestFiles } from '../../../src/pool/tests/vitest-test.ts'
import type { ReportedResult } from '../../../src/results/rows.ts'
import { useCleanState } from '../../support/left-nothing.ts'
import { RecordedAttempt, TestMachine } from '../../support/recorded-attempt.ts'
import { vitestProject } from '../../support/vitest-project.ts'

useCleanState()
const machine = new TestMachine()
afterAll(() => machine.release())

const imports = `import { beforeAll, describe, test } from 'vitest'\n`
const head = `${imports}test('passes first', () => {})\n`
const directory = vitestProject({
  'imports-nothing.test.js': `import './missing.js'\n${head}`,
  'is-no-code.test.js': `${head}this is no code`,
  'has-no-tests.test.js': 'export {}',
  'crashes.test.js': `${imports}test('crashes', () => process.kill(process.pid, 'SIGKILL'))`,
  'kills-vitest.test.js': `${imports}test('kills', () => new Promise(() => process.kill(process.ppid, 'SIGKILL')))`,
  'hangs.test.js': `${head}test('hangs', () => new Promise(() => {}), 0)`,
  'loops.test.js': `${head}test('loops', () => { for (;;); })`,
  'rejects-unseen.test.js': `${head}test('rejects', async () => { Promise.reject(new Error('unseen')) })`,
  'cannot-prepare.test.js': `${head}describe('group', () => {
    beforeAll(() => { throw new Error('not prepared') })
    test('waits', () => {})
  })`,
})

let files: readonly PoolTest[]
beforeAll(async () => {
  files = await vitestFiles({ directory })
})

const first = { status: 'pass', name: 'passes first' }
const itself = { status: 'error', testout: 'output.txt' }
const noResult = { status: 'error', note: 'its worker gave no result' }

test.each([
  ['imports-nothing', [{ ...itself, note: expect.stringContaining('missing.js'), files: ['failure.txt'] }]],
  ['is-no-code', [{ ...itself, note: expect.stringMatching(/./), files: ['failure.txt'] }]],
  ['has-no-tests', [{ ...itself, note: expect.stringContaining('No test'), files: ['failure.txt'] }]],
  [
    'rejects-unseen',
    [first, { status: 'pass', name: 'rejects' }, { ...itself, note: 'unseen', files: ['failure.txt'] }],
  ],
  [
    'cannot-prepare',
    [
      first,
      { status: 'skip', name: 'group > waits', note: 'not run' },
      { status: 'error', name: 'group', note: 'not prepared', files: ['failure.txt'] },
      { status: 'fail', note: 'exit status 1; 1 of 3 results failed: group', testout: 'output.txt' },
    ],
  ],
  [
    'crashes',
    [
      { name: 'crashes', ...noResult },
      { ...itself, note: expect.stringContaining('Worker'), files: ['failure.txt'] },
    ],
  ],
  ['kills-vitest', [{ status: 'fail', note: 'signal SIGKILL', testout: 'output.txt' }]],
])('a file that %s has failed', async (name, results) => {
  const { reported, end } = await run(name)
  expect(reported).toEqual(results)
  expect(end?.passed).toBe(false)
})

test.each(['hangs', 'loops'])('a file that %s is ended at its limit', async (name) => {
  const { reported, end } = await run(name, 5000)
  const note = 'the test took longer than its limit of 5 s'
  expect(reported.at(-1)).toEqual({ ...itself, note })
  expect(end).toEqual({ exitCode: undefined, passed: false })
})

async function run(name: string, limitMs = 60_000) {
  const file = files.find((each) => each.name.startsWith(`${name}.`))
  using attempt = new RecordedAttempt(machine, { limitMs })
  const end = await file?.run(attempt)
  const reported = attempt.results.map(({ other, ...result }): ReportedResult => result)
  return { reported, end }
}
