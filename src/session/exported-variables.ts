import { persistentVariable, plainNamesVariable, urlsVariable } from '../service/instance/variables.ts'
import type { Session } from './session.ts'

/** The part of a session with its running services. */
interface Held {
  readonly prefix: string
  readonly services: ReadonlyMap<string, { readonly label: string; readonly serviceConfig: object }>
}

/**
 * Returns the variables for a shell to evaluate or a command to inherit: the variables of the session, the list that
 * turns reuse on, the URLs of all services, and the list of unprefixed names, if any.
 */
export function exportedVariables(
  session: Held & { readonly variables: Readonly<Record<string, string>> },
): Record<string, string> {
  const { prefix, variables } = session
  const plain = Object.keys(variables).filter((name) => !name.startsWith(`${prefix}_`))
  const names = plain.length > 0 ? { [plainNamesVariable(prefix)]: plain.join(',') } : {}
  return { ...variables, ...nameLists(session), ...urlsOf(session), ...names }
}

/** Returns `LP_URLS`, with the URL of each running service. */
export function urlsOf({ services, prefix }: Held): Record<string, string> {
  const found = [...services].flatMap(([name, { serviceConfig }]) => {
    const { url } = serviceConfig as { url?: unknown }
    return typeof url === 'string' && url !== '' ? [[name, url] as const] : []
  })
  return { [urlsVariable(prefix)]: JSON.stringify(Object.fromEntries(found)) }
}

/** Returns the exported variables, except the variables of the config's `environment`. */
export function ownVariables(session: Pick<Session, 'services' | 'prefix'>): Record<string, string> {
  const own = [...session.services.values()].map(({ variables }) => variables)
  return Object.assign({}, ...own, nameLists(session), urlsOf(session))
}

function nameLists({ services, prefix }: Held): Record<string, string> {
  const labels = [...services.values()].map(({ label }) => label)
  return { [persistentVariable(prefix)]: labels.join(',') }
}
