import { readFileSync } from 'node:fs'
import { asError, ServiceError } from '../kernel/errors.ts'
import { identify } from '../process/identity.ts'
import { camelCase } from './label.ts'

export interface Declaration {
  readonly prefix: string
  readonly label: string
  readonly environment: NodeJS.ProcessEnv
}

/** What the variables say of a running instance: its whole config from the file, or the scalars that were set by hand. */
export type Declared = { readonly config: unknown } | { readonly scalars: Readonly<Record<string, string>> }

/**
 * Reads `LP_<LABEL>_*`.
 *
 * @throws ERR_ATTACH when there are none, when the holder is dead, or when the config file is gone
 */
export function readDeclared(declaration: Declaration): Declared {
  const scalars = variablesOf(declaration)
  const pid = scalars.controlPid
  if (pid !== undefined && !identify(Number(pid))) throw attachError(declaration, `its holder, process ${pid}, is gone`)
  if (scalars.configfile !== undefined) return { config: readConfigFile(declaration, scalars.configfile) }
  if (Object.keys(scalars).length > 0) return { scalars }
  throw attachError(declaration, `no ${declaration.prefix}_${declaration.label}_* variable is set`)
}

function variablesOf({ prefix, label, environment }: Declaration): Record<string, string> {
  const head = `${prefix}_${label}_`
  const own = Object.entries(environment).filter(([name, value]) => name.startsWith(head) && value !== undefined)
  return Object.fromEntries(own.map(([name, value]) => [camelCase(name.slice(head.length)), value ?? '']))
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
  return new ServiceError('ERR_ATTACH', message, { label }, { cause })
}
