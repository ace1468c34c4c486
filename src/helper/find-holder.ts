import { NotRunningError } from '../kernel/errors.ts'
import { persistentVariable } from '../service/variables.ts'
import { type Holder, isHeldAs, listHolders } from './holder-record.ts'

/** By what a holder is looked for: the variables of a shell that evaluated them come first. */
export interface HolderQuery {
  readonly stateDirectory: string
  readonly project: string
  /** `undefined`: whichever the variables name, else the default one. */
  readonly name?: string | undefined
  readonly prefix: string
  readonly environment: NodeJS.ProcessEnv
}

const defaultName = 'default'

/** The holder that a command in this shell and this project means. */
export function findHolder(query: HolderQuery): Holder | undefined {
  const holders = listHolders(query.stateDirectory)
  const pids = declaredPids(query)
  const declared = holders.find(({ identity, name }) => pids.has(identity.pid) && name === (query.name ?? name))
  return declared ?? holders.find(isHeldAs(query.project, nameOf(query)))
}

/** @throws ERR_NOT_RUNNING: exit code 3 */
export function requireHolder(query: HolderQuery): Holder {
  const found = findHolder(query)
  if (found) return found
  const others = listHolders(query.stateDirectory).map(({ project, name }) => `  ${name} of ${project}`)
  const hint = others.length > 0 ? `\nrunning elsewhere:\n${others.join('\n')}` : ''
  throw new NotRunningError(
    `nothing is running for ${query.project} under the name "${nameOf(query)}"; start it with eval "$(test-services --daemonise)"${hint}`,
  )
}

/** The name that is meant where the variables name no holder. */
export function nameOf({ name = defaultName }: Pick<HolderQuery, 'name'>): string {
  return name
}

function declaredPids({ environment, prefix }: HolderQuery): Set<number> {
  if (environment[persistentVariable(prefix)] === undefined) return new Set()
  const pidVariable = new RegExp(`^${prefix}_[A-Z0-9_]+_CONTROL_PID$`)
  const entries = Object.entries(environment).filter(([name]) => pidVariable.test(name))
  return new Set(entries.map(([, value]) => Number(value)))
}
