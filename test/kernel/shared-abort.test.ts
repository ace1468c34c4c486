import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { onAbort } from '../../src/kernel/on-abort.ts'
import { createSharedAbort } from '../../src/kernel/shared-abort.ts'

test('a signal that many listen to is no reason for a warning of Node', async () => {
  const warnings: Error[] = []
  const onWarning = (warning: Error): void => void warnings.push(warning)
  process.on('warning', onWarning)
  onTestFinished(() => void process.off('warning', onWarning))
  const controller = createSharedAbort()
  let called = 0
  for (let count = 0; count < 20; count++) onAbort(controller.signal, () => called++)
  await nextTurn()
  controller.abort()
  expect([called, warnings]).toEqual([20, []])
})
