import { summarise } from './statistics.ts'

export type Unit = 'ms' | 'MB/s' | 'MiB' | '×'

/** A measurement, with peers that do the same work. */
export interface Figure {
  readonly what: string
  readonly unit: Unit
  readonly samples: readonly number[]
  readonly limits?: readonly Limit[]
  readonly peers?: readonly Peer[]
  /** Whether the chart shows the figure, too. Default: no. */
  readonly charted?: boolean
}

export interface Peer {
  readonly what: string
  readonly samples: readonly number[]
  /** Least factor by which the peer has to be slower than ours. */
  readonly atLeastTimes?: number
}

export interface Limit {
  readonly of: 'median' | 'p95' | 'longest'
  readonly atMost?: number
  readonly atLeast?: number
}

/** A limit in words, and whether the limit is kept. */
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

/** Returns the factor by which the peer is slower than ours, by the medians. */
export function timesOf({ samples }: Figure, peer: Peer): number {
  return summarise(peer.samples).median / summarise(samples).median
}

export function peerVerdict(figure: Figure, peer: Peer): Verdict | undefined {
  const { atLeastTimes } = peer
  return atLeastTimes === undefined
    ? undefined
    : { text: `≥ ${atLeastTimes}×`, holds: timesOf(figure, peer) >= atLeastTimes }
}
