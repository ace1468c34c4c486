import { upperSnake } from '../options/label.ts'
import type { InstanceFiles } from './instance-files.ts'

/** Config value fit for a variable; values of different types are only in the config file. */
type ConfigScalar = string | number | boolean

export const defaultPrefix = 'LP'

/** Returns `LP_<LABEL>_<KEY>` for the files of an instance and each scalar of its config. */
export function serviceVariables(
  prefix: string,
  label: string,
  config: object,
  files: InstanceFiles,
): Record<string, string> {
  const { controlPid, pidFile, configFile, logFile } = files
  const own = { CONTROL_PID: String(controlPid), PIDFILE: pidFile, CONFIGFILE: configFile, LOGFILE: logFile }
  const named = Object.entries(own).map(([key, value]) => [`${prefix}_${label}_${key}`, value])
  return { ...configVariables(prefix, label, config), ...Object.fromEntries(named) }
}

/** Returns `LP_<LABEL>_<KEY>` for each scalar of a config. */
export function configVariables(prefix: string, label: string, config: object): Record<string, string> {
  const scalars = Object.entries(config).filter(([, value]) => isScalar(value))
  return Object.fromEntries(scalars.map(([key, value]) => [`${prefix}_${label}_${upperSnake(key)}`, String(value)]))
}

/** Returns the name of the variable with the list of running services. Reuse is on when the variable is set. */
export function persistentVariable(prefix: string): string {
  return `${prefix}_PERSISTENT_TEST_SERVICES`
}

/** Returns the labels declared as running by the environment. */
export function persistentLabels(environment: NodeJS.ProcessEnv, prefix: string = defaultPrefix): string[] | undefined {
  const list = environment[persistentVariable(prefix)]
  return list === undefined ? undefined : namesIn(list)
}

/** Splits a list of names, separated by commas, colons or blanks. */
export function namesIn(list: string): string[] {
  return list.split(/[\s,:]+/).filter(Boolean)
}

/**
 * Returns the names of a service's variables. `LP_DB_MAIN_URL` is the URL of a declared service `DB_MAIN`, not the
 * "mainUrl" of `DB`.
 */
export function variableNames(environment: NodeJS.ProcessEnv, prefix: string, label: string): string[] {
  const longer = (persistentLabels(environment, prefix) ?? []).filter((other) => other.startsWith(`${label}_`))
  const isOf = (name: string, of: string): boolean => name.startsWith(`${prefix}_${of}_`)
  return Object.keys(environment).filter((name) => isOf(name, label) && !longer.some((other) => isOf(name, other)))
}

/** Returns the name of the variable with a list of unprefixed variables, for unsetting without a record. */
export function plainNamesVariable(prefix: string): string {
  return `${prefix}_ENVIRONMENT_NAMES`
}

/**
 * Returns the name of a variable beside the variables of a tenant: the config of the whole instance, as JSON. A further
 * client gets a tenant of the instance: most servers give a tenant no right to make tenants.
 */
export function instanceVariable(prefix: string, label: string): string {
  return `${prefix}_${label}_INSTANCE`
}

/** Returns the name of the variable with all URLs: a JSON object, from service name to URL. */
export function urlsVariable(prefix: string): string {
  return `${prefix}_URLS`
}

function isScalar(value: unknown): value is ConfigScalar {
  return ['string', 'number', 'boolean'].includes(typeof value)
}
