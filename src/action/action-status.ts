import type { ActionStatus } from './action-plan.ts'

/** `failed, exit status 3: no disk`. */
export function describeStatus({ state, exitCode, signal, failMessage }: ActionStatus): string {
  const how = signal ? `, signal ${signal}` : exitCode === undefined ? '' : `, exit status ${exitCode}`
  return `${state}${how}${failMessage === undefined ? '' : `: ${failMessage}`}`
}
