import { ConfigError } from '../kernel/errors.ts'

/** Variables as a user writes them: a number becomes a text. */
export type VariableValues = Readonly<Record<string, string | number>>

type Texts<Value> = Readonly<Record<string, Exclude<Value, number> | string>>

/**
 * The variables as texts.
 *
 * @param where the option that they are from, for the message
 * @throws ERR_CONFIG naming one without a value, which a misspelt key of a config leads to
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
