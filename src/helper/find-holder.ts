import { existsSync } from 'node:fs'
import { sep } from 'node:path'
import { NotRunningError } from '../kernel/errors.ts'
import { persistentVariable } from '../service/instance/variables.ts'
import { type Holder, isHeldAs, listHelpers, listHolders } from './holder-record.ts'
import { defaultName, ownCall } from './own-call.ts'

/** Facts by which a holder is found. Variables that the shell has evaluated take precedence. */
export interface HolderQuery {
  readonly stateDirectory: string
  readonly project: string
  /** Name of the holder. `undefined`: the holder that the variables name, else the default holder. */
  readonly name?: string | undefined
  /** Path as given on the command line, for hints. */
  readonly configFile?: string | undefined
  /** Prefixes of the variables to look at. */
  readonly prefixes: readonly string[]
  readonly environment: NodeJS.ProcessEnv
}

/** Finds the holder for this shell and project: within an `exec`, the holder of the `exec`. */
export function findHolder(query: HolderQuery): Holder | undefined {
  const [innermost] = declaredAmong(listHolders(query.stateDirectory), query)
  return innermost?.kind === 'exec' ? innermost : findHelper(query)
}

/** Finds the helper for this shell and project, even within an `exec`. */
export function findHelper(query: HolderQuery): Holder | undefined {
  const helpers = listHelpers(query.stateDirectory)
  const isHere = isHeldAs(query.project, nameOf(query))
  const declared = declaredAmong(helpers, query)
  return declared.find(isHere) ?? declared[0] ?? helpers.find(isHere)
}

/** Returns the holders that the variables name, youngest first: the youngest runs within the older holders. */
export function declaredAmong(holders: readonly Holder[], query: HolderQuery): Holder[] {
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

/** Returns the name to look for if the variables name no holder. */
export function nameOf({ name = defaultName }: Pick<HolderQuery, 'name'>): string {
  return name
}

/**
 * Whether the variables of this prefix name a service of the holder. Compares the run, because a run's id is never
 * reused. A pid left in a shell may belong to another process by now, which `stop` would end.
 */
function isDeclared({ runDirectory }: Holder, prefix: string, { environment }: HolderQuery): boolean {
  if (environment[persistentVariable(prefix)] === undefined) return false
  return Object.entries(environment).some(
    ([name, value]) =>
      name.startsWith(`${prefix}_`) && name.endsWith('_CONFIGFILE') && value?.startsWith(runDirectory + sep),
  )
}
