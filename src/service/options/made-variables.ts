import { ConfigError } from '../../kernel/errors.ts'

/** Variables as written by a user: a number becomes a string. */
export type VariableValues = Readonly<Record<string, string | number>>

type Texts<Value> = Readonly<Record<string, Exclude<Value, number> | string>>

/**
 * Converts variables to strings.
 *
 * @param where the option that contains the variables, for the message
 * @throws ERR_CONFIG naming a variable without a value, the result of a misspelt config key
 */
export function textsOf<Value>(values: Readonly<Record<string, Value>>, where: string): Texts<Value> {
  const entries = Object.entries(values)
  const [missing] = entries.filter(([, value]) => value === undefined || Number.isNaN(value))
  if (!missing) return Object.fromEntries(entries.map(([name, value]) => [name, textOf(value)]))
  const [name, value] = missing
  throw new ConfigError(`${where} returned ${value} for ${name}; check the spelling of the config key that it reads`)
}

function textOf<Value>(value: Value): Exclude<Value, number> | string {
  return typeof value === 'number' ? String(value) : (value as Exclude<Value, number>)
}
