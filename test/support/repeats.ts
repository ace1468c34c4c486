/**
 * Number of repetitions of a test whose work is the same each time: `few` in `make test`, `many` in
 * `make test-exhaustive`, which sets `TEST_EXHAUSTIVE`.
 */
export function repeats(few: number, many: number): number {
  return isExhaustive ? many : few
}

/** Cases of a test whose combinations all run in `make test-exhaustive`: `few` are those of `make test`. */
export function cases<T>(few: readonly T[], more: readonly T[]): readonly T[] {
  return isExhaustive ? [...new Set([...few, ...more])] : few
}

/** Whether this run repeats what can be repeated, and takes as long as that takes. */
export const isExhaustive = process.env.TEST_EXHAUSTIVE !== undefined
