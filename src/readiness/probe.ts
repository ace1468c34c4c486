import type { Readiness, ReadinessTarget } from './readiness.ts'

/**
 * Ready when the function returns `true`. An error means not yet, and is shown if the time runs out;
 * ERR_STATE and ERR_MISSING_BINARY end the start at once.
 */
export function probe(
  description: string,
  ask: (target: ReadinessTarget, signal: AbortSignal) => Promise<boolean>,
): Readiness {
  return { description, probe: ask }
}
