import { persistentVariable, plainNamesVariable, urlsVariable } from '../service/variables.ts'
import type { Session } from './session.ts'

/**
 * The variables that a shell evaluates and a command inherits: those of the session, the list that turns reuse on, the
 * URLs of all, and the list of the plain names, where there are any.
 */
export function exportedVariables(session: Session): Record<string, string> {
  const { prefix, variables } = session
  const plain = Object.keys(variables).filter((name) => !name.startsWith(`${prefix}_`))
  const names = plain.length > 0 ? { [plainNamesVariable(prefix)]: plain.join(',') } : {}
  return { ...variables, ...list(session), ...urlsOf(session), ...names }
}

/** `LP_URLS` of what is up. */
export function urlsOf({ services, prefix }: Held): Record<string, string> {
  const found = [...services].flatMap(([name, { serviceConfig }]) => {
    const { url } = serviceConfig as { url?: unknown }
    return typeof url === 'string' && url !== '' ? [[name, url] as const] : []
  })
  return { [urlsVariable(prefix)]: JSON.stringify(Object.fromEntries(found)) }
}

type Held = Pick<Session, 'services' | 'prefix'>

/** The same without what the config's `environment` adds. */
export function ownVariables(session: Held): Record<string, string> {
  const own = [...session.services.values()].map(({ variables }) => variables)
  return Object.assign({}, ...own, list(session), urlsOf(session))
}

function list({ services, prefix }: Held): Record<string, string> {
  const labels = [...services.values()].map(({ label }) => label)
  return { [persistentVariable(prefix)]: labels.join(',') }
}
