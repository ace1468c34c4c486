import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { StopSignals } from '../../src/helper/stop-signals.ts'

/** Longer than what counts as one signal delivered twice. */
const laterMs = 120
let signals: StopSignals

function listen(): StopSignals {
  signals = new StopSignals()
  return signals
}

/** As the process does when one arrives: it is not sent, for the test runner would hear it too. */
function deliver(name: NodeJS.Signals): void {
  process.emit(name, name)
}

afterEach(() => signals[Symbol.dispose]())

test('the first signal asks, and is remembered', async () => {
  const { asked, forceSignal } = listen()
  deliver('SIGTERM')
  await signals.whenAsked()
  expect([asked.aborted, forceSignal.aborted, signals.received]).toEqual([true, false, 'SIGTERM'])
})

test('another one, of whatever name, within 100 ms is the same request', () => {
  const { forceSignal } = listen()
  deliver('SIGINT')
  deliver('SIGINT')
  deliver('SIGTERM')
  expect([forceSignal.aborted, signals.received]).toEqual([false, 'SIGINT'])
})

test('another one later stops the waiting', async () => {
  const { forceSignal } = listen()
  deliver('SIGINT')
  await pause(laterMs)
  deliver('SIGINT')
  expect(forceSignal.aborted).toBe(true)
})

test('ask() asks as a signal does: one that comes later is the second', async () => {
  const { asked, forceSignal } = listen()
  signals.ask()
  expect([asked.aborted, forceSignal.aborted, signals.received]).toEqual([true, false, undefined])
  await pause(laterMs)
  deliver('SIGTERM')
  expect([forceSignal.aborted, signals.received]).toEqual([true, 'SIGTERM'])
})

test('nothing is listened to once disposed', () => {
  const before = process.listenerCount('SIGHUP')
  listen()
  expect(process.listenerCount('SIGHUP')).toBe(before + 1)
  signals[Symbol.dispose]()
  expect(process.listenerCount('SIGHUP')).toBe(before)
})
