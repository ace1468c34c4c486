import { parseJson } from '../kernel/parse-json.ts'
import { namesIn, persistentVariable, plainNamesVariable, urlsVariable } from '../service/instance/variables.ts'

export type Environment = Readonly<Record<string, string | undefined>>
export type Variables = Readonly<Record<string, string>>

/**
 * Joins the lists in new variables with the lists already in the environment, so that two helpers in one shell, or an
 * `exec` inside an `exec`, do not hide each other's services. The new services come last.
 */
export function joinedWith(environment: Environment, variables: Variables): Record<string, string> {
  const entries = Object.entries(variables).map(([name, value]) => [name, join(name, environment[name], value)])
  return Object.fromEntries(entries) as Record<string, string>
}

function join(name: string, before: string | undefined, value: string): string {
  if (before === undefined) return value
  if (isNameOf(name, urlsVariable)) return JSON.stringify({ ...parseUrls(before), ...parseUrls(value) })
  if (!isNameOf(name, persistentVariable) && !isNameOf(name, plainNamesVariable)) return value
  const own = namesIn(value)
  return [...namesIn(before).filter((each) => !own.includes(each)), ...own].join(',')
}

function isNameOf(name: string, variable: (prefix: string) => string): boolean {
  return name.endsWith(variable(''))
}

/** Parses the URLs by name. Returns no URLs for a text other than a JSON object: such a text was not written by us. */
export function parseUrls(text: string): Record<string, unknown> {
  const value = parseJson(text)
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
