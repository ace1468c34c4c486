/**
 * The real timers and the real clock, for all code of this package: a test with fake timers replaces the globals, and a
 * wait of this package on a faked timer would never end. The real functions are read when this module is loaded.
 */

/**
 * Returns the real function. If fake timers are already installed, the fake has a `clock` with the real function under
 * its name with a leading underscore.
 *
 * @see https://github.com/sinonjs/fake-timers `hijackMethod`, used by Vitest and Jest
 */
function real<Owner extends object, Name extends keyof Owner & string>(owner: Owner, name: Name): Owner[Name] {
  const { clock } = owner[name] as { readonly clock?: Readonly<Record<string, Owner[Name]>> }
  return clock?.[`_${name}`] ?? owner[name]
}

export const setTimeout = real(globalThis, 'setTimeout')
export const clearTimeout = real(globalThis, 'clearTimeout')
export const setInterval = real(globalThis, 'setInterval')
export const clearInterval = real(globalThis, 'clearInterval')
const setImmediate = real(globalThis, 'setImmediate')
// Not `performance`, which takes a millisecond to load.
const hrtime = real(process, 'hrtime')

/** Resolves when the event loop has come round. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Returns the milliseconds of a monotonic clock, for measuring durations. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = hrtime()
  return seconds * 1_000 + nanoseconds / 1_000_000
}

/** Returns the milliseconds since 1970, comparable with the times of files and of other processes. */
export const epochMs: () => number = real(globalThis, 'Date').now

/** Returns the present time for records and logs: `2026-01-31T12:00:00.000Z`. */
export function timestamp(): string {
  return new Date(epochMs()).toISOString()
}
