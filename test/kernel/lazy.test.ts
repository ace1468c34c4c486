import { expect, test } from 'vitest'
import { lazy, lazyByKey } from '../../src/kernel/lazy.ts'

test('makes the value at the first call, once', () => {
  const calls: string[] = []
  const value = lazy(() => calls.push('made') > 5 || undefined)
  expect(calls).toEqual([])
  expect([value(), value()]).toEqual([undefined, undefined])
  expect(calls).toEqual(['made'])
})

test('makes a new promise after a rejection', async () => {
  const failure = new Error('not yet')
  const answers = [Promise.reject(failure), Promise.resolve('yes')]
  const ask = lazy(() => answers.shift())
  const [first, joined] = [ask(), ask()]
  await expect(first).rejects.toThrow(failure)
  await expect(joined).rejects.toThrow(failure)
  await expect(ask()).resolves.toBe('yes')
  await expect(ask()).resolves.toBe('yes')
})

test('makes one value for each key', () => {
  const calls: string[] = []
  const value = lazyByKey((key) => calls.push(key))
  expect(['a', 'b', 'a'].map(value)).toEqual([1, 2, 1])
})
