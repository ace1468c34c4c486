import { persistentVariable } from '../service/variables.ts'
import type { Session } from './session.ts'

/** What a shell evaluates and a command inherits: the session's variables, and the list that turns reuse on. */
export function exportedVariables(session: Session): Record<string, string> {
  return { ...session.variables, ...list(session) }
}

type Held = Pick<Session, 'services' | 'prefix'>

/** The same without what the config's `environment` adds. */
export function ownVariables(session: Held): Record<string, string> {
  const own = [...session.services.values()].map(({ variables }) => variables)
  return Object.assign({}, ...own, list(session))
}

function list({ services, prefix }: Held): Record<string, string> {
  const labels = [...services.values()].map(({ label }) => label)
  return { [persistentVariable(prefix)]: labels.join(',') }
}
