import { expect, test } from 'vitest'
import { monotonicMs } from '../../src/kernel/clock.ts'
import { Deadline } from '../../src/kernel/deadline.ts'
import { poll } from '../../src/kernel/poll.ts'

test('asks at once, and again until there is an answer', async () => {
  const answers = [undefined, undefined, false, true]
  await expect(poll({ firstMs: 1 }, async () => answers.shift())).resolves.toBe(false)
  expect(answers).toEqual([true])
})

test('pauses longer each time, up to the longest pause', async () => {
  const times: number[] = []
  await poll({ firstMs: 20, lastMs: 40, growth: 4 }, () => (times.push(monotonicMs()) === 4 ? true : undefined))
  const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0))
  // Node's timers may fire up to 1 ms early.
  expect(pauses.map((pause, index) => pause >= ([20, 40, 40][index] ?? 0) - 1)).toEqual([true, true, true])
})

test('throws the error of the question, and of the deadline', async () => {
  const failure = new Error('no')
  await expect(poll({ firstMs: 1 }, () => Promise.reject(failure))).rejects.toThrow(failure)
  const deadline = new Deadline('asking', 10)
  await expect(poll({ firstMs: 1, deadline }, () => undefined)).rejects.toThrow('asking took longer than 10 ms')
})
