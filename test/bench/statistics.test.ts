import { expect, test } from 'vitest'
import { pairwise, summarise } from '../../bench/statistics.ts'

test('a summary has the median, the interpolated 95th percentile and the maximum', () => {
  expect(summarise([5, 1, 4, 2, 3])).toEqual({ median: 3, p95: 4.8, longest: 5 })
  expect(summarise([1, 2])).toEqual({ median: 1.5, p95: 1.95, longest: 2 })
})

test('pairs are of the same round', () => {
  expect(pairwise([10, 40], [1, 2], (one, other) => one / other)).toEqual([10, 20])
})
