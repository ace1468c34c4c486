import { asError, ConfigError } from '../kernel/errors.ts'
import { requireValues } from '../service/made-variables.ts'

export type Variables = Readonly<Record<string, string>>

/** Variables besides `LP_*`: fixed ones, or made from the configs of the services. */
export type EnvironmentOption<Configs> = Variables | ((configs: Configs) => Variables)

/** Stands for every value of a service that is not up; no environment can hold this character. */
const absent = '\0'

/**
 * The variables that can be made from the configs of what is up. One that tells of another service is left out, since
 * it would be wrong: a session need not enter every service of its config.
 *
 * @throws ERR_CONFIG when the function throws, or gives no value for a name
 */
export function environmentFrom<Configs extends object>(
  option: EnvironmentOption<Configs> = {},
  configs: Partial<Configs>,
): Variables {
  const made = typeof option === 'function' ? call(option, withAbsentees(configs)) : option
  return Object.fromEntries(Object.entries(made).filter(([, value]) => !String(value).includes(absent)))
}

function call<Configs>(make: (configs: Configs) => Variables, configs: Configs): Variables {
  try {
    return requireValues(make(configs), `the config's "environment"`)
  } catch (thrown) {
    if (thrown instanceof ConfigError) throw thrown
    throw new ConfigError(`the config's "environment" threw: ${asError(thrown).message}`, { cause: thrown })
  }
}

function withAbsentees<Configs extends object>(configs: Partial<Configs>): Configs {
  const absentee = new Proxy({}, { get: () => absent })
  return new Proxy(configs, { get: (target, name) => Reflect.get(target, name) ?? absentee }) as Configs
}
