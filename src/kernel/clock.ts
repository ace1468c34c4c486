import { performance } from 'node:perf_hooks'

/**
 * The real timers and the real clock, for all code of this package: a test with fake timers replaces the globals, and a
 * wait of this package on a faked timer would never end. The real functions are read when this module is loaded.
 */

type Timer = 'setTimeout' | 'clearTimeout' | 'setInterval' | 'clearInterval' | 'setImmediate'

/**
 * Returns the real global. If fake timers are already installed, the fake has a `clock` with the real function under
 * its name with a leading underscore.
 *
 * @see https://github.com/sinonjs/fake-timers `hijackMethod`, used by Vitest and Jest
 */
function real<Name extends Timer | 'Date'>(name: Name): (typeof globalThis)[Name] {
  const present: (typeof globalThis)[Name] & { readonly clock?: Readonly<Record<string, unknown>> } = globalThis[name]
  return (present.clock?.[`_${name}`] ?? present) as (typeof globalThis)[Name]
}

export const setTimeout = real('setTimeout')
export const clearTimeout = real('clearTimeout')
export const setInterval = real('setInterval')
export const clearInterval = real('clearInterval')
const setImmediate = real('setImmediate')

/** Resolves when the event loop has come round. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Returns the milliseconds of a monotonic clock, for measuring durations. */
export const monotonicMs: () => number = performance.now.bind(performance)

/** Returns the milliseconds since 1970, comparable with the times of files and of other processes. */
export const epochMs: () => number = real('Date').now

/** Returns the present time for records and logs: `2026-01-31T12:00:00.000Z`. */
export function timestamp(): string {
  return new Date(epochMs()).toISOString()
}
