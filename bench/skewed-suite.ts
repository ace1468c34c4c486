/** Name and duration of a test, in milliseconds. */
export type SkewedTest = readonly [name: string, durationMs: number]

const testCount = 60
/** Of the logarithm: one test in twenty takes five times as long as the median. */
const deviation = 1
const seed = 20_261_128

/** Returns tests with log-normal durations: always the same ones, which add up to `totalMs`. */
export function skewedSuite(totalMs: number): SkewedTest[] {
  const normal = seededNormal()
  const weights = Array.from({ length: testCount }, () => Math.exp(deviation * normal()))
  const sum = weights.reduce((all, weight) => all + weight, 0)
  return weights.map((weight, index) => [`t${String(index).padStart(2, '0')}`, Math.round((weight / sum) * totalMs)])
}

/**
 * Returns a function with numbers of the normal distribution, always the same ones.
 *
 * @see https://en.wikipedia.org/wiki/Box–Muller_transform
 */
export function seededNormal(): () => number {
  const random = generator(seed)
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** Returns a function with random numbers from 0 to 1. @see https://github.com/bryc/code `mulberry32` */
function generator(state: number): () => number {
  let next = state
  return () => {
    next = (next + 0x6d2b79f5) | 0
    let mixed = Math.imul(next ^ (next >>> 15), 1 | next)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
