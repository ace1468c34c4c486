import { setTimeout as pause } from 'node:timers/promises'

const guaranteedMs = 5_000
const intervalMs = 5

/** Asks until the answer is neither `undefined` nor `false`; throws when 5 s, or the given limit, have gone by. */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
  limitMs: number = guaranteedMs,
): Promise<Exclude<T, undefined | false>> {
  const endsAt = performance.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>
    if (performance.now() > endsAt) throw new Error(`not within ${limitMs} ms: ${what}`)
    await pause(intervalMs)
  }
}
