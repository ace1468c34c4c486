import { setTimeout as pause } from 'node:timers/promises'

const guaranteedMs = 5_000
const shortestPauseMs = 5
const longestPauseMs = 50

/**
 * Asks until the answer is neither `undefined` nor `false`; throws when 5 s, or the given limit, have gone by. Pauses
 * longer than an answer takes, so that most of the machine is left to the processes that it waits for.
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
    const now = performance.now()
    if (now > endsAt) throw new Error(`not within ${limitMs} ms: ${what}`)
    await pause(Math.min(Math.max(3 * (now - askedAt), shortestPauseMs), longestPauseMs))
  }
}
