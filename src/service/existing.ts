import { readFileSync } from 'node:fs'
import { asError, ServiceError } from '../kernel/errors.ts'
import { identify } from '../process/identity.ts'
import { camelCase } from './label.ts'
import { persistentLabels } from './variables.ts'

export interface Declaration {
  readonly prefix: string
  readonly label: string
  readonly environment: NodeJS.ProcessEnv
}

/** What the variables say of a running instance. */
export interface Declared {
  /** Its whole config, where there is a config file. */
  readonly config?: unknown
  /** Its config as far as variables tell, which may have been set by hand. */
  readonly scalars: Readonly<Record<string, string>>
  readonly pidFile?: string | undefined
  readonly logFile?: string | undefined
}

/**
 * Reads `LP_<LABEL>_*`.
 *
 * @throws ERR_ATTACH when there are none, when the holder is dead, or when the config file is gone
 */
export function readDeclared(declaration: Declaration): Declared {
  const { controlPid, configfile, pidfile, logfile, ...scalars } = variablesOf(declaration)
  if (controlPid !== undefined && !identify(Number(controlPid)))
    throw attachError(declaration, `its holder, process ${controlPid}, is gone`)
  const files = { pidFile: pidfile, logFile: logfile }
  if (configfile !== undefined) return { ...files, scalars, config: readConfigFile(declaration, configfile) }
  if (Object.keys(scalars).length > 0) return { ...files, scalars }
  throw attachError(declaration, `no ${declaration.prefix}_${declaration.label}_* variable is set`)
}

function variablesOf({ prefix, label, environment }: Declaration): Record<string, string> {
  const headOf = (name: string): string => `${prefix}_${name}_`
  // `LP_DB_MAIN_URL` is the URL of DB_MAIN where there is such a service, not the "mainUrl" of DB.
  const longer = (persistentLabels(environment, prefix) ?? []).filter((other) => other.startsWith(`${label}_`))
  const isOwn = (name: string): boolean =>
    name.startsWith(headOf(label)) && !longer.some((other) => name.startsWith(headOf(other)))
  const own = Object.entries(environment).filter(([name, value]) => isOwn(name) && value !== undefined)
  return Object.fromEntries(own.map(([name, value]) => [camelCase(name.slice(headOf(label).length)), value ?? '']))
}

function readConfigFile(declaration: Declaration, path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (thrown) {
    throw attachError(declaration, `its config file ${path} cannot be read (${asError(thrown).message})`, thrown)
  }
}

/** "Declared but not running" is an error, never a silent start. */
export function attachError({ label }: { label: string }, why: string, cause?: unknown): ServiceError {
  const message =
    `cannot attach to ${label}: ${why}; ` +
    'start it again with eval "$(test-services --daemonise)", or forget it with eval "$(test-services --stop)"'
  const evidence = cause instanceof ServiceError ? cause.evidence : { label }
  return new ServiceError('ERR_ATTACH', message, evidence, { cause })
}
