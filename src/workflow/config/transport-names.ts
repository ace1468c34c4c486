import { didYouMean } from '../../kernel/suggestion.ts'
import type { WorkflowConfig } from './workflow-config.ts'

/** Name of the transport to this machine, in every config. */
export const initiator = 'initiator'

/** Returns what is wrong with the name of a transport; `undefined` for a known name. */
export function problemOfName(name: string, { transports }: Pick<WorkflowConfig, 'transports'>): string | undefined {
  const known = new Set([...transports.keys(), initiator])
  if (known.has(name)) return undefined
  const expected = `expected one of ${[...known].join(', ')}`
  return `there is no transport "${name}" in the config${didYouMean(name, known)}; ${expected}`
}
