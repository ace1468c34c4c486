import type { InstanceFiles } from './instance-files.ts'
import { upperSnake } from './label.ts'

/** A scalar becomes a variable; anything else is only in the config file. */
type ConfigScalar = string | number | boolean

export const defaultPrefix = 'LP'

/** `LP_<LABEL>_<KEY>` for the files of an instance and each scalar of its config. */
export function serviceVariables(
  prefix: string,
  label: string,
  config: object,
  files: InstanceFiles,
): Record<string, string> {
  const { controlPid, pidFile, configFile, logFile } = files
  const head = `${prefix}_${label}_`
  const own = { CONTROL_PID: String(controlPid), PIDFILE: pidFile, CONFIGFILE: configFile, LOGFILE: logFile }
  const scalars = Object.entries(config).filter(([, value]) => isScalar(value))
  const named = [...scalars.map(([key, value]) => [upperSnake(key), String(value)] as const), ...Object.entries(own)]
  return Object.fromEntries(named.map(([key, value]) => [head + key, value]))
}

/** The list of what runs; its presence turns reuse on. */
export function persistentVariable(prefix: string): string {
  return `${prefix}_PERSISTENT_TEST_SERVICES`
}

/** The labels that the environment declares as running. */
export function persistentLabels(environment: NodeJS.ProcessEnv, prefix: string = defaultPrefix): string[] | undefined {
  return environment[persistentVariable(prefix)]?.split(/[\s,:]+/).filter(Boolean)
}

/** The list of the plain names that are set besides, so that they can be unset when no record tells of them any more. */
export function plainNamesVariable(prefix: string): string {
  return `${prefix}_ENVIRONMENT_NAMES`
}

/** One JSON object with the URL of each service that has one, by its name in the config. */
export function urlsVariable(prefix: string): string {
  return `${prefix}_URLS`
}

function isScalar(value: unknown): value is ConfigScalar {
  return ['string', 'number', 'boolean'].includes(typeof value)
}
