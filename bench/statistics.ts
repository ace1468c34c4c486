/** One measured thing: samples in milliseconds. */
export interface Measurement {
  readonly what: string
  readonly medianMs: number
  readonly p95Ms: number
  readonly rounds: number
}

export function summarise(what: string, samplesMs: readonly number[]): Measurement {
  const sorted = samplesMs.toSorted((a, b) => a - b)
  return { what, medianMs: quantile(sorted, 0.5), p95Ms: quantile(sorted, 0.95), rounds: sorted.length }
}

function quantile(sorted: readonly number[], q: number): number {
  const at = (sorted.length - 1) * q
  const below = sorted[Math.floor(at)] ?? Number.NaN
  const above = sorted[Math.ceil(at)] ?? Number.NaN
  return below + (above - below) * (at - Math.floor(at))
}

/** Measures things in turn, round by round, so that a noisy moment of the machine hits all of them. */
export async function interleave(
  rounds: number,
  things: Readonly<Record<string, () => Promise<number>>>,
): Promise<Record<string, Measurement>> {
  const samples = new Map<string, number[]>(Object.keys(things).map((what) => [what, []]))
  for (const [what, once] of Object.entries(things)) await once().catch((thrown) => fail(what, thrown))
  for (let round = 0; round < rounds; round++) {
    for (const [what, once] of Object.entries(things)) samples.get(what)?.push(await once())
  }
  return Object.fromEntries([...samples].map(([what, times]) => [what, summarise(what, times)]))
}

function fail(what: string, thrown: unknown): never {
  throw new Error(`the warm-up of "${what}" failed`, { cause: thrown })
}
