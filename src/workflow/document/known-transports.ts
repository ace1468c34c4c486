import { didYouMean } from '../../kernel/suggestion.ts'
import type { WorkflowConfig } from '../config/workflow-config.ts'

/** Name of the transport to this machine. */
const initiator = 'initiator'

/** Returns what is wrong with the name of a transport; `undefined` for a known name. */
export function problemOfName(name: string, { transports }: WorkflowConfig): string | undefined {
  const known = [...transports.keys(), initiator]
  if (known.includes(name)) return undefined
  const expected = `expected one of ${known.join(', ')}`
  return `there is no transport "${name}" in the config${didYouMean(name, known)}; ${expected}`
}
