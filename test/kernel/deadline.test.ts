import { expect, test } from 'vitest'
import { Deadline, settlesWithin, sleep } from '../../src/kernel/deadline.ts'

const never = (): Promise<never> => new Promise(() => {})

test('the work’s result or error is the race’s', async () => {
  const deadline = new Deadline('working', 10_000)
  expect(await deadline.race(async () => 'done')).toBe('done')
  await expect(deadline.race(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
})

test('the end of the time ends the race, says what took how long, and tells the work', async () => {
  let told = false
  const work = (signal: AbortSignal): Promise<never> => {
    signal.addEventListener('abort', () => {
      told = true
    })
    return never()
  }
  const lost = new Deadline('setting up DB', 20).race(work)
  await expect(lost).rejects.toMatchObject({ code: 'ERR_DEADLINE', message: 'setting up DB took longer than 20 ms' })
  expect(told).toBe(true)
})

test('a caller that gives up ends the race, the wait, and what comes after', async () => {
  const caller = new AbortController()
  const deadline = new Deadline('setting up DB', 10_000, caller.signal)
  const waits = [deadline.race(never), deadline.sleep(10_000)]
  caller.abort(new Error('enough'))
  const canceled = { code: 'ERR_CANCELED', message: 'setting up DB was canceled', cause: new Error('enough') }
  for (const wait of [...waits, deadline.race(never)]) await expect(wait).rejects.toMatchObject(canceled)
})

test('a deadline without an end does not end at once', async () => {
  const deadline = new Deadline('waiting', Number.POSITIVE_INFINITY)
  await deadline.race(() => sleep(20))
  expect(deadline.expired).toBe(false)
})

test('a wait longer than a timer of Node can be does not end at once', async () => {
  const over = new AbortController()
  const waits = [2 ** 31, Number.POSITIVE_INFINITY].map((ms) =>
    sleep(ms, over.signal).then(
      () => 'ended',
      () => 'given up',
    ),
  )
  await sleep(20)
  over.abort()
  expect(await Promise.all(waits)).toEqual(['given up', 'given up'])
})

test.each([Number.NaN, null, 0, -5, '5'])('a deadline of %j is refused', (limitMs) => {
  expect(() => new Deadline('setting up DB', limitMs as number)).toThrow(
    'setting up DB: timeoutMs: expected a number of milliseconds above 0, or Infinity for no limit, but got',
  )
})

test('no wait goes past the deadline', async () => {
  const deadline = new Deadline('waiting', 20)
  await expect(deadline.sleep(60_000).then(() => deadline.sleep(60_000))).rejects.toMatchObject({
    code: 'ERR_DEADLINE',
  })
  expect(deadline.expired).toBe(true)
})

test('a part is canceled with the operation, and by its own signal', async () => {
  for (const own of [undefined, new AbortController().signal]) {
    const caller = new AbortController()
    const part = new Deadline('setting up DB', 60_000, caller.signal).part('its step', own)
    const sleeping = part.sleep(60_000)
    caller.abort()
    await expect(sleeping).rejects.toMatchObject({ code: 'ERR_CANCELED', message: 'its step was canceled' })
  }
  const part = new Deadline('setting up DB', 60_000).part('its step', AbortSignal.abort())
  await expect(part.sleep(60_000)).rejects.toMatchObject({ code: 'ERR_CANCELED' })
})

test('a sleep is ended by its signal', async () => {
  await expect(sleep(60_000, AbortSignal.abort(new Error('woken')))).rejects.toThrow('woken')
})

test('whether something settles in time, whichever way', async () => {
  expect(await settlesWithin(Promise.reject(new Error('no')), 10_000)).toBe(true)
  expect(await settlesWithin(never(), 5)).toBe(false)
})
