import type { Readiness, ReadinessTarget } from './readiness.ts'

/** Ready when all of these are: asked in this order, each only when those before it are ready, so put a cheap one first. */
export function all(...parts: readonly Readiness[]): Readiness {
  const intervals = parts.map(({ intervalMs }) => intervalMs).filter((ms) => ms !== undefined)
  return {
    description: parts.map(({ description }) => description).join(' and '),
    ...(intervals.length > 0 && { intervalMs: Math.max(...intervals) }),
    async probe(target, signal) {
      for (const part of parts) if (!(await part.probe(target, signal))) return false
      return true
    },
  }
}

/** Ready when this function says so; an error means not yet, and is shown if the time runs out. */
export function probe(
  description: string,
  ask: (target: ReadinessTarget, signal: AbortSignal) => Promise<boolean>,
): Readiness {
  return { description, probe: ask }
}
