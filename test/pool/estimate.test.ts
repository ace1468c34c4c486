import { describe, expect, test } from 'vitest'
import { Durations } from '../../src/pool/durations.ts'
import { Estimate } from '../../src/pool/estimate.ts'
import { testOf } from '../support/controlled-tests.ts'
import { useCleanState } from '../support/left-nothing.ts'

useCleanState()

const tests = ['a', 'b', 'c'].map((name) => testOf(name))

function recorded(project: string, durations: Readonly<Record<string, number>>): Durations {
  const run = Durations.load(project)
  for (const [name, durationMs] of Object.entries(durations)) run.record(name, 'here', durationMs)
  run.save()
  return Durations.load(project)
}

describe('Estimate', () => {
  test('known durations are shared by the machines', () => {
    const estimate = new Estimate(tests, recorded('/all', { a: 1_000, b: 2_000, c: 3_000 }))
    expect(estimate.leftMs(3, 2)).toBe(3_000)
    estimate.finish('c', 5_000)
    expect(estimate.leftMs(2, 2)).toBe(1_500)
  })

  test('a test of unknown duration takes the mean of the tests that are done', () => {
    const estimate = new Estimate(tests, recorded('/some', { a: 1_000 }))
    expect(estimate.leftMs(3, 1)).toBeUndefined()
    estimate.finish('b', 400)
    expect(estimate.leftMs(2, 1)).toBe(1_400)
    // The rest is running, perhaps for long: the mean says nothing.
    expect(estimate.leftMs(2, 2)).toBeUndefined()
  })

  test('nothing left takes no time', () => {
    const estimate = new Estimate(tests, recorded('/none', {}))
    for (const { name } of tests) estimate.finish(name, 100)

    expect(estimate.leftMs(0, 0)).toBe(0)
  })
})
