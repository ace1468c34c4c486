import type { Readiness } from './readiness.ts'

/**
 * Ready when all parts are ready. Parts are asked in this order, each only when the parts before are ready: put a cheap
 * part first.
 */
export function all(...parts: readonly Readiness[]): Readiness {
  const advice = parts.flatMap((part) => part.advice ?? [])
  const intervals = parts.map(({ intervalMs }) => intervalMs).filter((ms) => ms !== undefined)
  return {
    description: parts.map(({ description }) => description).join(' and '),
    ...(advice.length > 0 && { advice: advice.join('; ') }),
    // The slowest part sets the pace.
    ...(intervals.length > 0 && { intervalMs: Math.max(...intervals) }),
    async probe(target, signal) {
      for (const part of parts) if (!(await part.probe(target, signal))) return false
      return true
    },
  }
}
