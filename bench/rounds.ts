/** Samples of each measured thing: all rounds of each number, by name. */
type Samples<Measured> = {
  readonly [Thing in keyof Measured]: { readonly [Key in keyof Measured[Thing]]: readonly number[] }
}

/**
 * Measures several things in turn, round by round, so that a noisy moment of the machine affects all of them. A first,
 * uncounted round fills caches and compiles.
 */
export async function interleave<Measured extends Readonly<Record<string, object>>>(
  rounds: number,
  things: { readonly [Thing in keyof Measured]: () => Promise<Measured[Thing]> },
): Promise<Samples<Measured>> {
  const measured = Object.keys(things).map((thing) => [thing, [] as object[]] as const)
  for (let round = -1; round < rounds; round++) {
    for (const [thing, all] of measured) {
      const once = await things[thing]?.()
      if (once && round >= 0) all.push(once)
    }
  }
  return Object.fromEntries(measured.map(([thing, all]) => [thing, columnsOf(all)])) as object as Samples<Measured>
}

function columnsOf(rows: readonly object[]): Record<string, number[]> {
  const keys = Object.keys(rows[0] ?? {})
  return Object.fromEntries(
    keys.map((key) => [key, rows.map((row) => (row as Record<string, number>)[key] ?? Number.NaN)]),
  )
}
