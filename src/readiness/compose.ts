import type { Readiness, ReadinessTarget } from './readiness.ts'

/** Ready when every one of these has been ready once. */
export function all(...parts: readonly Readiness[]): Readiness {
  return {
    description: parts.map(({ description }) => description).join(' and '),
    async probe(target, signal) {
      const answers = await Promise.all(parts.map((part) => part.probe(target, signal)))
      return answers.every(Boolean)
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
