import type { ActionStatus } from './action-plan.ts'

/** Describes a status for people: `failed, exit status 3: no disk`. */
export function describeStatus({ state, exitCode, signal, failMessage }: ActionStatus): string {
  const how = signal ? `, signal ${signal}` : exitCode === undefined ? '' : `, exit status ${exitCode}`
  return `${state}${how}${failMessage === undefined ? '' : `: ${failMessage}`}`
}

/** Whether a check succeeded. The exit status counts, even if the check reported a failure. */
export function isPassed({ state, exitCode }: ActionStatus): boolean {
  return state === 'success' || (state === 'failed' && exitCode === 0)
}
