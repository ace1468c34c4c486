import type { PoolTest } from '../tests/pool-test.ts'

/**
 * Returns the tests in the order of running: first tests of unknown duration, then the longest; among equals, by
 * priority, then as given.
 */
export function inOrder<T>(
  items: readonly T[],
  testOf: (item: T) => PoolTest,
  expectedMs: (test: string) => number | undefined,
): T[] {
  const keys = items.map((item, index) => {
    const { name, priority = 0 } = testOf(item)
    return { item, index, priority, weight: expectedMs(name) ?? Number.POSITIVE_INFINITY }
  })
  keys.sort((a, b) => compare(b.weight, a.weight) || compare(b.priority, a.priority) || a.index - b.index)
  return keys.map(({ item }) => item)
}

/** Unlike a subtraction, right for two infinities. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1
}
