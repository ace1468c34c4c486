import { asError, ConfigError } from '../kernel/errors.ts'
import { requireValues } from '../service/made-variables.ts'

export type Variables = Readonly<Record<string, string>>

/** Variables besides `LP_*`: fixed ones, or made from the configs of the services. */
export type EnvironmentOption<Configs> = Variables | ((configs: Configs) => Variables)

/**
 * Stand for the values of a service that is not up. What is made of one differs from what is made of the other, whichever
 * part of a URL it is; a port is a number.
 */
const standIns = {
  one: { port: 1, others: 'http://one:one@one.invalid:1/one.one?one#one' },
  other: { port: 2, others: 'https://other:other@other.invalid:2/other.other?other#other' },
} as const

type StandIn = (typeof standIns)[keyof typeof standIns]

/**
 * The variables that can be made from the configs of what is up. One that tells of another service is left out, since
 * it would be wrong: a session need not enter every service of its config. All are, if the function cannot do without it.
 *
 * @throws ERR_CONFIG when the function throws, or gives no value for a name
 */
export function environmentFrom<Configs extends object>(
  option: EnvironmentOption<Configs> = {},
  configs: Partial<Configs>,
): Variables {
  if (typeof option !== 'function') return option
  let isComplete = true
  const onAbsent = (): void => {
    isComplete = false
  }
  try {
    const made = option(withAbsentees(configs, standIns.one, onAbsent))
    if (isComplete) return requireValues(made, `the config's "environment"`)
    return whatAgrees(made, option(withAbsentees(configs, standIns.other, onAbsent)))
  } catch (thrown) {
    if (thrown instanceof ConfigError) throw thrown
    if (!isComplete) return {}
    throw new ConfigError(`the config's "environment" threw: ${asError(thrown).message}`, { cause: thrown })
  }
}

function withAbsentees<Configs extends object>(
  configs: Partial<Configs>,
  { port, others }: StandIn,
  onAbsent: () => void,
): Configs {
  const absentee = new Proxy({}, { get: (_, name) => (name === 'port' ? port : others) })
  const get = (target: Partial<Configs>, name: string | symbol): unknown => {
    const present: unknown = Reflect.get(target, name)
    if (present === undefined) onAbsent()
    return present ?? absentee
  }
  return new Proxy(configs, { get }) as Configs
}

/** Both stand-ins come to the same `undefined`, or `NaN`, where they are taken for an object or a number. */
function whatAgrees(made: Variables, other: Variables): Variables {
  const isTold = ([name, value]: [string, unknown]): boolean =>
    String(value) === String(other[name]) && !['undefined', 'NaN'].includes(String(value))
  return Object.fromEntries(Object.entries(made).filter(isTold))
}
