import { readFileSync } from 'node:fs'
import type { Deadline } from '../../kernel/deadline.ts'
import { asError, ServiceError, TestServicesError } from '../../kernel/errors.ts'
import { ownCommand } from '../../kernel/own-command.ts'
import { parseJson } from '../../kernel/parse-json.ts'
import { secretsIn } from '../../kernel/secrets.ts'
import { identify } from '../../process/inspect/identity.ts'
import { camelCase } from '../options/label.ts'
import { instanceVariable, variableNames } from './variables.ts'

export interface Declaration {
  readonly prefix: string
  readonly label: string
  readonly environment: NodeJS.ProcessEnv
  /** Advice for a missing instance. Default: to stop and start the helper. */
  readonly whenGone?: string | undefined
}

/** A running instance as declared by variables. */
export interface Declared {
  /** The whole config, if the instance has a config file. */
  readonly config?: object
  readonly configFile?: string | undefined
  /** The config of the whole instance, if the variables are those of a tenant that says so. */
  readonly instance?: object | undefined
  /** The values of `LP_<LABEL>_*` variables, possibly set by hand. */
  readonly scalars: Readonly<Record<string, string>>
  readonly pidFile?: string | undefined
  readonly logFile?: string | undefined
  /** Advice for an instance without an answer, or with a refusal of this client. */
  readonly whenGone: string
  /** Secrets of all declared services: the config of a service may contain secrets of its needs. */
  readonly secrets: readonly string[]
}

/**
 * Reads `LP_<LABEL>_*`.
 *
 * @throws ERR_ATTACH when no variable is set, when the holder is dead, or when the config file is gone
 */
export function readDeclared(declaration: Declaration): Declared {
  const { controlPid, configfile, pidfile, logfile, instance: text, ...scalars } = variablesOf(declaration)
  if (controlPid !== undefined && !identify(Number(controlPid)))
    throw attachError(declaration, `its holder, process ${controlPid}, is gone`)
  const instance = text === undefined ? undefined : parseInstance(declaration, text)
  const known = {
    instance,
    configFile: configfile,
    pidFile: pidfile,
    logFile: logfile,
    secrets: [...secretsDeclared(declaration), ...secretsIn(instance ?? {})],
    scalars,
    whenGone: adviceFor(declaration, controlPid ?? configfile),
  }
  if (configfile !== undefined) return { ...known, config: readConfigFile(declaration, configfile) }
  if (Object.keys(scalars).length > 0) return known
  throw attachError(declaration, `no ${declaration.prefix}_${declaration.label}_* variable is set`)
}

/** @param holder a trace of the holder of the instance; absent if the variables were set by hand */
function adviceFor({ prefix, label, whenGone }: Declaration, holder: string | undefined): string {
  const byHand = `check the variables ${prefix}_${label}_*, which say where it is and who may use it`
  return whenGone ?? (holder === undefined ? byHand : restartHelper())
}

function variablesOf({ prefix, label, environment }: Declaration): Record<string, string> {
  const headLength = `${prefix}_${label}_`.length
  const names = variableNames(environment, prefix, label).filter((name) => environment[name] !== undefined)
  return Object.fromEntries(names.map((name) => [camelCase(name.slice(headLength)), environment[name] ?? '']))
}

function secretsDeclared({ prefix, environment }: Declaration): string[] {
  const declared = Object.entries(environment).filter(([name]) => name.startsWith(`${prefix}_`))
  return secretsIn(Object.fromEntries(declared))
}

function readConfigFile(declaration: Declaration, path: string): object {
  return parseConfig(declaration, readText(declaration, path), `its config file ${path}`)
}

function parseInstance(declaration: Declaration, text: string): object {
  return parseConfig(declaration, text, instanceVariable(declaration.prefix, declaration.label))
}

function parseConfig(declaration: Declaration, text: string, what: string): object {
  const config = parseJson(text)
  if (typeof config === 'object' && config !== null && !Array.isArray(config)) return config
  const expected = 'expected the keys of its serviceConfig, such as {"url":"…"}'
  throw attachError(declaration, `${what} holds no JSON object; ${expected}`)
}

function readText(declaration: Declaration, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    throw attachError(declaration, `its config file ${path} cannot be read (${asError(thrown).message})`, thrown)
  }
}

/** How a service takes part in a declared instance. */
interface Attachment<Config> {
  readonly deadline: Deadline
  /** Makes a config from variables set by hand. */
  readonly fromVariables: (scalars: Declared['scalars']) => Config
  /** Throws unless the instance answers. */
  readonly verify: (config: Config) => Promise<void>
  /** Makes the tenant of this client; returns its config. */
  readonly makeTenant: (config: Config) => Promise<Config>
}

/**
 * Makes a tenant of a declared instance that answers, and returns the config of the tenant. The config of the instance
 * is in its config file, or in variables set by hand.
 *
 * @throws ERR_ATTACH when the variables are invalid, or the instance does not answer, or refuses the tenant
 */
export async function attachToExisting<Config extends object>(
  label: string,
  declared: Declared,
  { deadline, fromVariables, verify, makeTenant }: Attachment<Config>,
): Promise<Config> {
  const sought = { label, whenGone: declared.whenGone }
  const config = existingConfig<Config>(sought, declared, fromVariables)
  try {
    await deadline.race(() => verify(config))
  } catch (thrown) {
    deadline.check()
    throw notAnswering(sought, declared, thrown)
  }
  return makeTenant(config).catch((thrown) => {
    if (thrown instanceof TestServicesError) throw thrown
    throw attachError(sought, `it refuses a new client: ${asError(thrown).message}`, thrown)
  })
}

function notAnswering(sought: Sought, { configFile }: Declared, thrown: unknown): ServiceError {
  const [why = ''] = asError(thrown).message.split('\n')
  return attachError(sought, configFile ? `${why} (its config file is ${configFile})` : why, thrown)
}

function existingConfig<Config extends object>(
  sought: Sought,
  { config, instance = config, scalars }: Declared,
  fromVariables: Attachment<Config>['fromVariables'],
): Config {
  if (instance !== undefined) return instance as Config
  try {
    return fromVariables(scalars)
  } catch (thrown) {
    throw attachError(sought, `its variables are invalid (${asError(thrown).message})`, thrown)
  }
}

type Sought = Pick<Declaration, 'label' | 'whenGone'>

function restartHelper(): string {
  return (
    `stop what is left of it, and forget it, with eval "$(${ownCommand()} --stop)"; ` +
    `then start it again with eval "$(${ownCommand()} --daemonise)"`
  )
}

/** Returns the error for a declared instance that does not run: the instance is never silently started. */
function attachError({ label, whenGone = restartHelper() }: Sought, why: string, cause?: unknown): ServiceError {
  const message = `cannot attach to ${label}: ${why}; ${whenGone}`
  const evidence = cause instanceof ServiceError ? cause.evidence : { label }
  return new ServiceError('ERR_ATTACH', message, evidence, { cause })
}
