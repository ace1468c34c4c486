import type { Readiness, ReadinessTarget } from './readiness.ts'

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
    ...(intervals.length > 0 && { intervalMs: Math.max(...intervals) }),
    async probe(target, signal) {
      for (const part of parts) if (!(await part.probe(target, signal))) return false
      return true
    },
  }
}

/** Ready when the function returns `true`. An error means not yet, and is shown if the time runs out. */
export function probe(
  description: string,
  ask: (target: ReadinessTarget, signal: AbortSignal) => Promise<boolean>,
): Readiness {
  return { description, probe: ask }
}
