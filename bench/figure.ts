import { summarise } from './statistics.ts'

export type Unit = 'ms' | 'MB/s' | 'MiB' | '×'

/** One measured thing, beside others that do the same. */
export interface Figure {
  readonly what: string
  readonly unit: Unit
  readonly samples: readonly number[]
  readonly limits?: readonly Limit[]
  readonly peers?: readonly Peer[]
  /** Whether it is a part of the chart, too. Default: no. */
  readonly charted?: boolean
}

export interface Peer {
  readonly what: string
  readonly samples: readonly number[]
  /** How many times as long as ours it has to take. */
  readonly atLeastTimes?: number
}

export interface Limit {
  readonly of: 'median' | 'p95' | 'longest'
  readonly atMost?: number
  readonly atLeast?: number
}

/** A limit in words, and whether it is kept. */
export interface Verdict {
  readonly text: string
  readonly holds: boolean
}

export function verdictsOf({ samples, limits = [], unit }: Figure): Verdict[] {
  const summary = summarise(samples)
  return limits.map(({ of, atMost = Number.POSITIVE_INFINITY, atLeast = Number.NEGATIVE_INFINITY }) => {
    const bound = Number.isFinite(atMost) ? `≤ ${atMost}` : `≥ ${atLeast}`
    const which = of === 'median' ? '' : `${of} `
    return { text: `${which}${bound} ${unit}`, holds: summary[of] <= atMost && summary[of] >= atLeast }
  })
}

/** How many times as long as ours the peer takes, by the medians. */
export function timesOf({ samples }: Figure, peer: Peer): number {
  return summarise(peer.samples).median / summarise(samples).median
}

export function peerVerdict(figure: Figure, peer: Peer): Verdict | undefined {
  const { atLeastTimes } = peer
  return atLeastTimes === undefined
    ? undefined
    : { text: `≥ ${atLeastTimes}×`, holds: timesOf(figure, peer) >= atLeastTimes }
}
