import { asError, ConfigError } from '../kernel/errors.ts'
import { textsOf, type VariableValues } from '../service/options/made-variables.ts'

export type Variables = Readonly<Record<string, string>>

/** Variables besides `LP_*`: fixed values, or a function of the services' configs. */
export type EnvironmentOption<Configs> = VariableValues | ((configs: Configs) => VariableValues)

/** Marker that appears in any string derived from the first placeholder. */
const mark = 'not-up'

/**
 * Returns the variables that depend only on services that are up. A session need not enter every service of its config,
 * so a variable made from a missing service would be wrong and is left out. To detect such variables, the function is
 * called with two different placeholders for the missing configs, and the values are compared.
 *
 * @throws ERR_CONFIG when the function throws, or returns no value for a name
 */
export function environmentFrom<Configs extends object>(
  option: EnvironmentOption<Configs> = {},
  configs: Partial<Configs>,
): Variables {
  if (typeof option !== 'function') return textsOf(option, place)
  const absent = new Set<string>()
  const make = (standIn: object): VariableValues => call(option, withMissingServices(configs, standIn, absent), absent)
  const first = standInFor('http', mark, 1)
  const made = make(first)
  if (absent.size === 0) return textsOf(made, place)
  const [again, other] = [make(first), make(standInFor('https', 'other', 2))]
  // A value that differs between two equal calls, such as a random value, need not depend on a service.
  const logs = ([name, value]: [string, unknown]): boolean =>
    isOf(first, value) || (String(value) === String(again[name]) && String(value) !== String(other[name]))
  return textsOf(Object.fromEntries(Object.entries(made).filter((entry) => !logs(entry))), place)
}

const place = `the config's "environment"`

function call<Configs>(
  make: (configs: Configs) => VariableValues,
  configs: Configs,
  absent: ReadonlySet<string>,
): VariableValues {
  try {
    return make(configs)
  } catch (thrown) {
    if (thrown instanceof ConfigError) throw thrown
    const hint = absent.size === 0 ? '' : ` (not up, and so without values: ${[...absent].join(', ')})`
    throw new ConfigError(`${place} threw: ${asError(thrown).message}${hint}`, { cause: thrown })
  }
}

/** @param absent receives the names of requested but missing services */
function withMissingServices<Configs extends object>(
  configs: Partial<Configs>,
  standIn: object,
  absent: Set<string>,
): Configs {
  const get = (target: Partial<Configs>, name: string | symbol): unknown => {
    const present: unknown = Reflect.get(target, name)
    if (present === undefined) absent.add(String(name))
    return present ?? standIn
  }
  return new Proxy(configs, { get }) as Configs
}

/** Returns a placeholder for a value of unknown type: works as an object with any key, a function, a URL, a number. */
function standInFor(scheme: string, name: string, count: number): object {
  const url = `${scheme}://${name}:${name}@${name}.invalid:${count}/${name}?${name}#${name}`
  const parts: Readonly<Record<string | symbol, unknown>> = {
    port: count,
    [Symbol.toPrimitive]: (hint: string) => (hint === 'number' ? count : url),
    toJSON: () => url,
  }
  const standIn: object = new Proxy(() => {}, {
    get: (_, key) => parts[key] ?? standIn,
    apply: () => standIn,
  })
  return standIn
}

function isOf(standIn: object, value: unknown): boolean {
  return value === standIn || Number.isNaN(value) || String(value) === 'NaN' || String(value).includes(mark)
}
