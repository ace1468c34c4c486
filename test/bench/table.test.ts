import { expect, test } from 'vitest'
import type { Figure } from '../../bench/figure.ts'
import { tableOf } from '../../bench/table.ts'

const figure: Figure = {
  what: 'a reset',
  unit: 'ms',
  samples: [4, 5, 6],
  limits: [
    { of: 'median', atMost: 5 },
    { of: 'p95', atMost: 5 },
  ],
  peers: [
    { what: 'a copy', samples: [50, 52, 51], atLeastTimes: 10 },
    { what: 'another', samples: [2.5], atLeastTimes: 1 },
  ],
}

test('a figure stands beside its limits and its peers, each kept or not', () => {
  expect(tableOf([figure])).toBe(
    [
      '| what    |  median |     p95 | asked for              | beside  | its median | times ours | asked for |',
      '| ------- | ------: | ------: | ---------------------- | ------- | ---------: | ---------: | --------- |',
      '| a reset | 5.00 ms | 5.90 ms | ≤ 5 ms ✓, p95 ≤ 5 ms ✗ | a copy  |    51.0 ms |      10.2× | ≥ 10× ✓   |',
      '|         |         |         |                        | another |    2.50 ms |      0.50× | ≥ 1× ✗    |',
    ].join('\n'),
  )
})

test('a column that nothing stands in is left out', () => {
  const rate: Figure = { what: 'a filter', unit: 'MB/s', samples: [300], limits: [{ of: 'median', atLeast: 200 }] }
  expect(tableOf([rate]).split('\n').at(-1)).toBe('| a filter | 300 MB/s | 300 MB/s | ≥ 200 MB/s ✓ |')
})

test('a figure without samples keeps no limit', () => {
  expect(tableOf([{ ...figure, samples: [] }])).not.toContain('✓')
})
