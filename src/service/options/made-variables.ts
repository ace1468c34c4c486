import { ConfigError } from '../../kernel/errors.ts'
import { didYouMean } from '../../kernel/suggestion.ts'

/** Variables as written by a user: a number becomes a string. */
export type VariableValues = Readonly<Record<string, string | number>>

type Texts<Value> = Readonly<Record<string, Exclude<Value, number> | string>>

/**
 * Converts variables to strings.
 *
 * @param where the option with the variables, for the message
 * @param findMistake returns the mistake in the function that made the variables, if known
 * @throws ERR_CONFIG naming a variable without a value, the result of a misspelt config key
 */
export function textsOf<Value>(
  values: Readonly<Record<string, Value>>,
  where: string,
  findMistake: () => string | undefined = () => undefined,
): Texts<Value> {
  const entries = Object.entries(values)
  const [missing] = entries.filter(([, value]) => value === undefined || Number.isNaN(value))
  if (!missing) return Object.fromEntries(entries.map(([name, value]) => [name, textOf(value)]))
  const [name, value] = missing
  const mistake = findMistake()
  const advice = `check the spelling of the config key that it reads${mistake === undefined ? '' : `: ${mistake}`}`
  throw new ConfigError(`${where} returned ${value} for ${name}; ${advice}`)
}

/** Runs a function of configs, and names the first missing key read by the function: `db has no "urll"`. */
export function findMissingKey(
  configs: Readonly<Record<string, object>>,
  make: (configs: Readonly<Record<string, object>>) => unknown,
): string | undefined {
  const missing: string[] = []
  const entries = Object.entries(configs).map(([name, config]) => [name, watched(name, config, missing)])
  make(Object.fromEntries(entries))
  return missing[0]
}

function watched(name: string, config: object, missing: string[]): object {
  const get = (target: object, key: string | symbol): unknown => {
    if (typeof key === 'string' && !(key in target))
      missing.push(`${name} has no "${key}"${didYouMean(key, Object.keys(target))}`)
    return Reflect.get(target, key)
  }
  return new Proxy(config, { get })
}

function textOf<Value>(value: Value): Exclude<Value, number> | string {
  return typeof value === 'number' ? String(value) : (value as Exclude<Value, number>)
}
