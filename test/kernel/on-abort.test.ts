import { expect, test } from 'vitest'
import { onAbort } from '../../src/kernel/on-abort.ts'

test('calls the action once when the signal fires', () => {
  const calls: string[] = []
  const controller = new AbortController()
  onAbort(controller.signal, () => calls.push('fired'))
  expect(calls).toEqual([])
  controller.abort()
  controller.abort()
  expect(calls).toEqual(['fired'])
})

test('calls the action at once if the signal has fired', () => {
  const calls: string[] = []
  onAbort(AbortSignal.abort(), () => calls.push('fired'))
  expect(calls).toEqual(['fired'])
})

test('does not call the action after the end of the block', () => {
  const calls: string[] = []
  const controller = new AbortController()
  {
    using _listening = onAbort(controller.signal, () => calls.push('fired'))
    using _without = onAbort(undefined, () => calls.push('fired'))
  }
  controller.abort()
  expect(calls).toEqual([])
})
