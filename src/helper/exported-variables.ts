import { persistentVariable } from '../service/variables.ts'
import type { Session } from '../session/session.ts'

/** What a shell evaluates and a command inherits: the session's variables, and the list that turns reuse on. */
export function exportedVariables({ variables, services, prefix }: Session): Record<string, string> {
  const labels = [...services.values()].map(({ label }) => label)
  return { ...variables, [persistentVariable(prefix)]: labels.join(',') }
}
