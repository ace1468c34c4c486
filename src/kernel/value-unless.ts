import { hasCode } from './errors.ts'

/**
 * Returns the result of a synchronous call; `undefined` if the call fails with a given code, such as `ENOENT`.
 * Throws all remaining errors.
 */
export function valueUnless<T>(codes: readonly string[], call: () => T): T | undefined {
  try {
    return call()
  } catch (thrown) {
    return ignore(...codes)(thrown)
  }
}

/** Whether a synchronous call succeeds; `false` if the call fails with a given code. Throws all remaining errors. */
export function succeedsUnless(codes: readonly string[], call: () => unknown): boolean {
  return valueUnless(codes, () => [call()]) !== undefined
}

/** Returns a handler for the `catch` of a promise: ignores the codes, and throws all remaining errors. */
export function ignore(...codes: readonly string[]): (thrown: unknown) => undefined {
  return (thrown) => {
    if (!hasCode(thrown, ...codes)) throw thrown
  }
}
