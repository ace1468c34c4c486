import { performance } from 'node:perf_hooks'

/**
 * Timers and clock as the system has them. Everything of ours takes them from here: a test that installs fake timers
 * replaces the globals, and a wait of ours on a faked timer would never end. The real ones are taken when this module
 * is loaded.
 */

type Timer = 'setTimeout' | 'clearTimeout' | 'setInterval' | 'clearInterval'

/**
 * Returns the real global. Where fake timers are in force already, the fake has a `clock` that keeps the real one under
 * the name with an underscore.
 *
 * @see https://github.com/sinonjs/fake-timers `hijackMethod`, which Vitest and Jest use
 */
function real<Name extends Timer | 'Date'>(name: Name): (typeof globalThis)[Name] {
  const present: (typeof globalThis)[Name] & { readonly clock?: Readonly<Record<string, unknown>> } = globalThis[name]
  return (present.clock?.[`_${name}`] ?? present) as (typeof globalThis)[Name]
}

export const setTimeout = real('setTimeout')
export const clearTimeout = real('clearTimeout')
export const setInterval = real('setInterval')
export const clearInterval = real('clearInterval')

/** Milliseconds of a clock that never goes back, to measure how long something takes. */
export const monotonicMs: () => number = performance.now.bind(performance)

/** Milliseconds since 1970, as the times of files and of other processes count. */
export const epochMs: () => number = real('Date').now

/** The present time for records and logs: `2026-01-31T12:00:00.000Z`. */
export function timestamp(): string {
  return new Date(epochMs()).toISOString()
}
