import { existsSync } from 'node:fs'
import { sep } from 'node:path'
import { NotRunningError } from '../kernel/errors.ts'
import { persistentVariable } from '../service/variables.ts'
import { type Holder, isHeldAs, listHelpers, listHolders } from './holder-record.ts'
import { defaultName, ownCall } from './own-call.ts'

/** What a holder is found by: the variables of a shell that evaluated them come first. */
export interface HolderQuery {
  readonly stateDirectory: string
  readonly project: string
  /** `undefined`: whichever the variables name, else the default one. */
  readonly name?: string | undefined
  /** As it was given on the command line, for hints. */
  readonly configFile?: string | undefined
  /** Of the variables that count. */
  readonly prefixes: readonly string[]
  readonly environment: NodeJS.ProcessEnv
}

/** The holder that a command in this shell and this project means: within an `exec`, what that holds. */
export function findHolder(query: HolderQuery): Holder | undefined {
  const [innermost] = declaredAmong(listHolders(query.stateDirectory), query)
  return innermost?.kind === 'exec' ? innermost : findHelper(query)
}

/** The helper that a command in this shell and this project means, within an `exec` too. */
export function findHelper(query: HolderQuery): Holder | undefined {
  const helpers = listHelpers(query.stateDirectory)
  const isHere = isHeldAs(query.project, nameOf(query))
  const declared = declaredAmong(helpers, query)
  return declared.find(isHere) ?? declared[0] ?? helpers.find(isHere)
}

/** The holders that the variables name, the youngest first: it stands within the others. */
function declaredAmong(holders: readonly Holder[], query: HolderQuery): Holder[] {
  const named = holders.filter(({ name }) => name === (query.name ?? name))
  const declared = named.filter((holder) => query.prefixes.some((prefix) => isDeclared(holder, prefix, query)))
  return declared.toSorted((one, other) => other.startedAt.localeCompare(one.startedAt))
}

/** @throws ERR_NOT_RUNNING: exit code 3 */
export function requireHolder(query: HolderQuery): Holder {
  const found = findHolder(query)
  if (found) return found
  if (query.configFile !== undefined && !existsSync(query.configFile))
    throw new NotRunningError(`nothing is running for ${query.project}: there is no such config file`)
  const others = listHelpers(query.stateDirectory).map(({ project, name }) => `  ${name} of ${project}`)
  const hint = others.length > 0 ? `\nrunning elsewhere:\n${others.join('\n')}` : ''
  throw new NotRunningError(
    `nothing is running for ${query.project} under the name "${nameOf(query)}"; start it with eval "$(${ownCall(query)} --daemonise)"${hint}`,
  )
}

/** Name of the holder that is meant where the variables name none. */
export function nameOf({ name = defaultName }: Pick<HolderQuery, 'name'>): string {
  return name
}

/**
 * Whether the variables of this prefix name a service of the holder. They are compared by the run, whose id is never
 * given out again: a pid that was left in a shell may be another process's by now, which `stop` would end.
 */
function isDeclared({ runDirectory }: Holder, prefix: string, { environment }: HolderQuery): boolean {
  if (environment[persistentVariable(prefix)] === undefined) return false
  return Object.entries(environment).some(
    ([name, value]) =>
      name.startsWith(`${prefix}_`) && name.endsWith('_CONFIGFILE') && value?.startsWith(runDirectory + sep),
  )
}
