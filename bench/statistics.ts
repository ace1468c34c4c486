/** Summary of repeated measurements. */
export interface Summary {
  readonly median: number
  readonly p95: number
  readonly longest: number
}

export function summarise(samples: readonly number[]): Summary {
  const sorted = samples.toSorted((a, b) => a - b)
  return {
    median: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    longest: quantile(sorted, 1),
  }
}

/** Interpolates linearly between the two nearest samples. */
function quantile(sorted: readonly number[], q: number): number {
  const at = (sorted.length - 1) * q
  const below = sorted[Math.floor(at)] ?? Number.NaN
  const above = sorted[Math.ceil(at)] ?? Number.NaN
  return below + (above - below) * (at - Math.floor(at))
}

/** Combines samples of the same round, so that a slow moment of the machine affects both sides. */
export function pairwise(
  ones: readonly number[],
  others: readonly number[],
  combine: (one: number, other: number) => number,
): number[] {
  return ones.map((one, round) => combine(one, others[round] ?? Number.NaN))
}
