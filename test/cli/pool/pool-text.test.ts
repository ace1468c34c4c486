import { expect, test } from 'vitest'
import { describeAttempt, describeSummary, describeView } from '../../../src/cli/pool/pool-text.ts'
import { PoolView } from '../../../src/cli/pool/pool-view.ts'
import type { AttemptRow } from '../../../src/results/rows.ts'

const attempt: AttemptRow = {
  id: 'a#1',
  test: 'a',
  number: 1,
  platform: 'p',
  machine: 'local-1',
  host: 'h',
  begin: '2026-01-01T00:00:00.000Z',
  end: '2026-01-01T00:00:01.200Z',
  exitCode: 1,
  signal: null,
  state: 'failed',
  rerun: null,
  note: null,
}

test('an attempt is one line: its test, its end, its time, its machine', () => {
  expect(describeAttempt({ type: 'attempt-end', machine: 'local-1', attempt })).toBe('✖ a failed 1.2 s on local-1')
  const again = { ...attempt, number: 2, state: 'infra', rerun: 'attempt 3 of 3', note: 'cut\noff' } as const
  expect(describeAttempt({ type: 'attempt-end', machine: 'local-1', attempt: again })).toBe(
    '! a (attempt 2) could not be run 1.2 s on local-1, and is run again (attempt 3 of 3)\n  cut\n  off',
  )
})

test('the display has a row for each machine, and says how far the run is', () => {
  const view = new PoolView()
  view.add({ type: 'machine', machine: 'local-1', state: 'free' }, 0)
  view.add({ type: 'machine', machine: 'local-2', state: 'setting-up' }, 0)
  view.add({ type: 'attempt', machine: 'local-1', test: 'a', number: 2 }, 500)
  view.add({ type: 'attempt-end', machine: 'local-1', attempt: { ...attempt, rerun: 'it failed' } }, 900)
  view.add({ type: 'attempt-end', machine: 'local-2', attempt }, 900)
  view.add({ type: 'progress', done: 3, left: 7, estimatedLeftMs: 150_000 }, 900)
  expect(describeView(view, 2_500, { rows: 10, columns: 80 })).toEqual([
    '… local-1 a (attempt 2) 2.0 s',
    '… local-2 is set up 2.5 s',
    '3 of 10 done, 1 failed, about 3 min left',
  ])
  view.add({ type: 'machine', machine: 'local-2', state: 'gone' }, 2_600)
  // Another host has done four tests meanwhile.
  view.add({ type: 'progress', done: 4, left: 2, estimatedLeftMs: undefined }, 2_600)
  expect(describeView(view, 2_600, { rows: 10, columns: 80 })).toEqual([
    '… local-1 a (attempt 2) 2.1 s',
    '8 of 10 done, 1 failed',
  ])
})

test('a machine that is being reserved is shown after a second, until it is there', () => {
  const view = new PoolView()
  for (const _ of 'ab') view.add({ type: 'machine', machine: 'ssh', state: 'reserving' }, 0)
  view.add({ type: 'progress', done: 0, left: 5, estimatedLeftMs: undefined }, 0)
  const lines = (now: number) => describeView(view, now, { rows: 10, columns: 80 })
  expect(lines(900)).toEqual(['0 of 5 done'])
  expect(lines(1_500)).toEqual(['… ssh is being reserved 1.5 s', '0 of 5 done'])
  for (const machine of ['far-1', 'far-2'])
    view.add({ type: 'machine', machine, state: 'setting-up', provisioner: 'ssh' }, 2_000)
  expect(lines(4_000)).toEqual(['… far-1 is set up 2.0 s', '… far-2 is set up 2.0 s', '0 of 5 done'])
})

test('a long name is cut to the width of the terminal', () => {
  const view = new PoolView()
  view.add({ type: 'attempt', machine: 'local-1', test: `test/${'long/'.repeat(20)}a.test.ts`, number: 1 }, 0)
  const [line = ''] = describeView(view, 2_000, { rows: 10, columns: 40 })
  expect(line).toMatch(/^… local-1 test\/long.*… 2\.0 s$/)
  expect(line).toHaveLength(39)
})

test('a low terminal shows some machines, and the number of the others', () => {
  const view = new PoolView()
  for (let index = 1; index <= 9; index++) view.add({ type: 'machine', machine: `m${index}`, state: 'free' }, 0)
  expect(describeView(view, 0, { rows: 5, columns: 80 })).toEqual([
    '… m1 is free 0 ms',
    '… m2 is free 0 ms',
    '… m3 is free 0 ms',
    '… and 6 more machines',
    '0 of 0 done',
  ])
})

test('the summary names what failed, what did not run, and what is left', () => {
  const counts = { passed: 5, failed: 1, infra: 2, notRun: 3, attempts: 9, durationMs: 32_000 }
  const summary = {
    outcome: 'failed',
    ...counts,
    reason: 'no machine is left',
    leftBehind: ['ssh-1: refused'],
  } as const
  expect(describeSummary(summary)).toBe(
    '5 passed, 1 failed, 2 could not be run, 3 not run in 32.0 s\nno machine is left\n! could not be given back: ssh-1: refused',
  )
})
