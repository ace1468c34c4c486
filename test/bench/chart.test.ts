import { expect, test } from 'vitest'
import { chartOf } from '../../bench/chart.ts'
import type { Figure } from '../../bench/figure.ts'

const peer = { what: 'a copy & more', samples: [40] }
const charted: Figure = { what: 'quick', unit: 'ms', samples: [10], peers: [peer], charted: true }
const figures: readonly Figure[] = [
  charted,
  { ...charted, what: 'quicker', samples: [5] },
  { ...charted, what: 'not shown', charted: false },
]
const svg = chartOf(
  [
    { title: 'A <section>', figures },
    { title: 'Nothing in it', figures: [] },
  ],
  ['A machine.'],
)

test('the bars of a section are to one scale: ours, then each peer once', () => {
  const bars = Array.from(svg.matchAll(/<rect class="(\w+)".* width="(\d+)" height/g), ([, kind, length]) => [
    kind,
    Number(length),
  ])
  const [, , [, longest = Number.NaN] = []] = bars as [string, number][]
  expect(bars).toEqual([
    ['ours', Math.round(longest / 4)],
    ['ours', Math.round(longest / 8)],
    ['peer', longest],
  ])
})

test('a bar has its time and its name beside it', () => {
  expect(svg).toContain('<tspan class="value">10.0 ms</tspan> test-services: quick<')
  expect(svg).toContain('<tspan class="value">40.0 ms</tspan> a copy &amp; more<')
  expect(svg).toContain('>A machine.<')
})

test('only what is charted is drawn', () => {
  expect(svg).toContain('A &lt;section&gt;')
  expect(svg).not.toMatch(/not shown|Nothing in it/)
})
