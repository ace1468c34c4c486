const unitsMs: Readonly<Record<string, number>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const partForm = /^(\d+(?:\.\d+)?)([smhd]?)$/
const factorForm = /^\*(\d+(?:\.\d+)?)$/

/**
 * Parses a duration in the notation of FMF and tmt: `15m`, `1h 30m`, `90` (seconds), `*2 10m` (twice ten minutes).
 *
 * @returns milliseconds, or `undefined` if the text is no duration
 * @see https://tmt.readthedocs.io/en/stable/spec/tests.html#duration
 */
export function parseDuration(text: string): number | undefined {
  const words = text.trim().split(/\s+/)
  const factors = words.flatMap((word) => factorForm.exec(word)?.[1] ?? [])
  const parts = words.filter((word) => !factorForm.test(word)).map(partMs)
  if (parts.length === 0 || parts.includes(Number.NaN)) return undefined
  const sumMs = parts.reduce((sum, part) => sum + part, 0)
  return factors.reduce((product, factor) => product * Number(factor), sumMs)
}

function partMs(word: string): number {
  const [, number, unit = ''] = partForm.exec(word) ?? []
  return Number(number) * (unitsMs[unit] ?? Number.NaN)
}
