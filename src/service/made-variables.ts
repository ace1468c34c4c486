import { ConfigError } from '../kernel/errors.ts'

/**
 * The variables that a function of configs has made.
 *
 * @param where the option that the function is, for the message
 * @throws ERR_CONFIG naming one without a value: what a misspelt key of a config comes to
 */
export function requireValues<Made extends Readonly<Record<string, unknown>>>(made: Made, where: string): Made {
  const [missing] = Object.keys(made).filter((name) => made[name] === undefined)
  if (missing === undefined) return made
  throw new ConfigError(`${where} gives no value for ${missing}, but undefined: is a key of a config misspelt there?`)
}
