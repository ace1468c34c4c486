import { setTimeout as pause } from 'node:timers/promises'

const guaranteedMs = 5_000
const intervalMs = 5

/**
 * Asks until the answer is neither `undefined` nor `false`; throws when 5 s, or the given limit, have gone by. It spends
 * a quarter of its time asking at the most, so that a costly question does not slow down what it waits for.
 */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
  limitMs: number = guaranteedMs,
): Promise<Exclude<T, undefined | false>> {
  const endsAt = performance.now() + limitMs
  for (;;) {
    const askedAt = performance.now()
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>
    const answeredAt = performance.now()
    if (answeredAt > endsAt) throw new Error(`not within ${limitMs} ms: ${what}`)
    const restMs = Math.min(3 * (answeredAt - askedAt), endsAt - answeredAt)
    await pause(Math.max(intervalMs, restMs))
  }
}
