/** Statuses of tests, the most urgent first. All further statuses are the user's own. */
const statuses = ['fail', 'error', 'infra', 'unfinished', 'canceled', 'warn', 'info', 'skip', 'pass'] as const

/** Statuses of failures. */
export const failureStatuses: readonly string[] = ['fail', 'error', 'infra', 'unfinished']

/** Whether a status is a failure: shown first, with output. */
export function isFailure(status: string): boolean {
  return failureStatuses.includes(status)
}

/** Compares by urgency, for sorting. */
export function byUrgency(a: string, b: string): number {
  return urgency(a) - urgency(b)
}

function urgency(status: string): number {
  const position = (statuses as readonly string[]).indexOf(status)
  return position === -1 ? statuses.indexOf('info') : position
}
