import { asError, ConfigError } from '../kernel/errors.ts'
import { findMissingKey, textsOf, type VariableValues } from '../service/options/made-variables.ts'

export type Variables = Readonly<Record<string, string>>

/** Variables besides `LP_*`: values, functions that make one value from the services' configs, or one for all. */
export type EnvironmentOption<Configs> =
  | Readonly<Record<string, string | number | ((configs: Configs) => string | number)>>
  | ((configs: Configs) => VariableValues)

type Option = EnvironmentOption<never>

/** The config file of each `environment`. */
const files = new WeakMap<object, string>()

/** Remembers the config file of an `environment`, for messages. */
export function rememberFile(option: Option, file: string): void {
  files.set(option, file)
}

function optionName(option: Option): string {
  const file = files.get(option)
  return `the config's "environment"${file === undefined ? '' : ` in ${file}`}`
}

/**
 * Returns the variables that depend only on services that are up: a session need not enter every service of its config.
 * A variable with a function of its own is left out if the function reads the config of a missing service. A function
 * for all variables gets a placeholder for each missing config; a variable that shows the placeholder is left out.
 *
 * @throws ERR_CONFIG when a function throws, or returns no value for a name
 */
export function environmentFrom<Configs extends object>(
  option: EnvironmentOption<Configs> = {},
  configs: Partial<Configs>,
): Variables {
  return textsOf(valuesFrom(option, configs), optionName(option), () => findMistake(option, configs))
}

/**
 * Looks for a misspelt config key, as soon as the services that a variable reads are up.
 *
 * @throws ERR_CONFIG for a variable without a value
 */
export function checkEnvironment<Configs extends object>(
  option: EnvironmentOption<Configs> = {},
  configs: Partial<Configs>,
): void {
  try {
    environmentFrom(option, configs)
  } catch (thrown) {
    // An error of the user's function is the cause of ours, and may come from a service that is not up yet.
    if (thrown instanceof ConfigError && thrown.cause === undefined) throw thrown
  }
}

type Values = Readonly<Record<string, string | number>>

function valuesFrom<Configs extends object>(option: EnvironmentOption<Configs>, configs: Partial<Configs>): Values {
  if (typeof option === 'function') return makeAll(option, configs)
  const made = Object.entries(option).flatMap(([name, value]) =>
    typeof value === 'function' ? makeOne([name, value], option, configs) : [[name, value] as const],
  )
  return Object.fromEntries(made)
}

/** Returns the first key that a function of the option reads, and that its config does not have. */
function findMistake<Configs extends object>(
  option: EnvironmentOption<Configs>,
  configs: Partial<Configs>,
): string | undefined {
  const makers =
    typeof option === 'function' ? [option] : Object.values(option).filter((value) => typeof value === 'function')
  const up = configs as Readonly<Record<string, object>>
  const mistakes = makers.map((make) =>
    findMissingKey(up, (all) => make(noting(new Set(), all as Configs, placeholder))),
  )
  return mistakes.find((mistake) => mistake !== undefined)
}

function makeOne<Configs extends object, Value>(
  [name, make]: readonly [string, (configs: Configs) => Value],
  option: Option,
  configs: Partial<Configs>,
): (readonly [string, Value])[] {
  const absent = new Set<string>()
  try {
    const value = make(noting(absent, configs))
    return absent.size > 0 ? [] : [[name, value]]
  } catch (thrown) {
    if (thrown instanceof ConfigError) throw thrown
    if (absent.size > 0) return []
    throw new ConfigError(`${optionName(option)} threw for ${name}: ${asError(thrown).message}`, { cause: thrown })
  }
}

function makeAll<Configs extends object>(
  make: (configs: Configs) => VariableValues,
  configs: Partial<Configs>,
): VariableValues {
  const absent = new Set<string>()
  try {
    const made = make(noting(absent, configs, placeholder))
    if (absent.size === 0) return made
    return Object.fromEntries(Object.entries(made).filter(([, value]) => !showsPlaceholder(value)))
  } catch (thrown) {
    if (thrown instanceof ConfigError) throw thrown
    const hint = absent.size === 0 ? '' : ` (not up, and so without values: ${[...absent].join(', ')})`
    throw new ConfigError(`${optionName(make)} threw: ${asError(thrown).message}${hint}`, { cause: thrown })
  }
}

/**
 * Returns the configs for a function.
 *
 * @param absent receives the names of requested but missing services
 * @param instead config of a missing service
 */
function noting<Configs extends object>(absent: Set<string>, configs: Partial<Configs>, instead?: object): Configs {
  const get = (target: Partial<Configs>, name: string | symbol): unknown => {
    const present: unknown = Reflect.get(target, name)
    if (present === undefined) absent.add(String(name))
    return present ?? instead
  }
  return new Proxy(configs, { get }) as Configs
}

/** Any text made from the placeholder contains one of these. As a number, the placeholder is NaN. */
const marks = /not-up|60997/
const placeholder = placeholderWith('http://not-up:not-up@not-up.invalid:60997/not-up?not-up#not-up')

/** Returns a placeholder for a value of unknown type: works as an object with any key, a function, a URL, a number. */
function placeholderWith(text: string): object {
  const parts: Readonly<Record<string | symbol, unknown>> = {
    [Symbol.toPrimitive]: (hint: string) => (hint === 'number' ? Number.NaN : text),
    toJSON: () => text,
  }
  const self: object = new Proxy(() => {}, {
    get: (_, key) => parts[key] ?? (key === 'port' ? placeholderWith('60997') : self),
    apply: () => self,
  })
  return self
}

function showsPlaceholder(value: unknown): boolean {
  return Number.isNaN(value) || String(value) === 'NaN' || marks.test(String(value))
}
