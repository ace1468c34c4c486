import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { command, ready } from '../../src/index.ts'
import { epochMs, monotonicMs, timestamp } from '../../src/kernel/clock.ts'
import { Deadline, later, settlesWithin, sleep } from '../../src/kernel/deadline.ts'
import { useCleanState } from '../support/left-nothing.ts'

useCleanState()

const never = (): Promise<never> => new Promise(() => {})
const fakeTime = new Date('2001-01-01T00:00:00Z')

describe("with a test's fake timers in force", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: fakeTime })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test.each<[string, () => Promise<unknown>, unknown]>([
    ['a sleep', () => sleep(5), undefined],
    ['a wait for something that does not settle', () => settlesWithin(never(), 5), false],
    ['a sleep of a deadline', () => new Deadline('waiting', 1_000).sleep(5), undefined],
    ['a race', () => new Deadline('waiting', 5).race(never).catch(({ code }) => code), 'ERR_DEADLINE'],
    ['a later action', () => new Promise<void>((resolve) => void later(5, resolve)), undefined],
  ])('%s ends', async (_, wait, outcome) => {
    expect(await wait()).toBe(outcome)
  })

  test('a canceled action is not done', async () => {
    let done = false
    later(1, () => {
      done = true
    })()
    await sleep(10)
    expect(done).toBe(false)
  })

  test('the clock is the real one', async () => {
    const before = monotonicMs()
    await sleep(5)
    expect(monotonicMs() - before).toBeGreaterThanOrEqual(4)
    expect(epochMs()).toBeGreaterThan(fakeTime.getTime() + 365 * 86_400_000)
    expect(Date.parse(timestamp())).toBeCloseTo(epochMs(), -4)
  })

  test('a module of ours that is loaded only now takes the real timers and clock', async () => {
    vi.resetModules()
    const clock: typeof import('../../src/kernel/clock.ts') = await import('../../src/kernel/clock.ts')
    expect(clock.monotonicMs).not.toBe(monotonicMs)
    const before = clock.monotonicMs()
    await new Promise<void>((resolve) => clock.setTimeout(resolve, 5))
    expect(clock.monotonicMs() - before).toBeGreaterThanOrEqual(4)
    expect(clock.epochMs()).toBeCloseTo(epochMs(), -4)
  })

  test('a service starts, is awaited, and is stopped by its ladder', async () => {
    let asked = 0
    const strategy = ready.probe('three questions', async () => ++asked === 3)
    const argv = ['sh', '-c', 'trap "" TERM; while :; do sleep 0.02; done'] as const
    const ladder = [{ signal: 'SIGTERM', graceMs: 50 }] as const
    const service = command({ command: argv, port: false, ready: strategy, stop: ladder }).create({ label: 'SLOW' })
    await service.setUp({ timeoutMs: 10_000 })
    await service.cleanUp()
    expect(asked).toBe(3)
  })
})
