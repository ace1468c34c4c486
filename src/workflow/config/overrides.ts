import { describeValue } from '../../config/describe-value.ts'
import { secretKey } from '../../kernel/secrets.ts'
import { typeName } from '../../yaml/dictionary.ts'
import { isPlain } from './merge-values.ts'

const prefix = 'TEST_SERVICES_'

/** Variables that this package itself gives to processes, or reads. None of them overrides a value. */
export const ownVariables: readonly string[] = [
  'ATTEMPT',
  'CHANNEL',
  'CONTROL_ADDRESS',
  'CONTROL_PORT',
  'EXIT',
  'GUARDIAN',
  'GUARDIAN_KEY',
  'INSTANCE',
  'LOG',
  'MACHINE',
  'NODE',
  'QUEUE',
  'REMOTE',
  'RESTARTS',
  'RUN',
  'STARTS',
  'TEST',
  'UNPRIVILEGED',
].map((name) => `${prefix}${name}`)

/** Returns the name of the variable that overrides a value: `TEST_SERVICES_A_B_C` for `a.b-c`. */
export function variableOf(keys: readonly string[]): string {
  return `${prefix}${keys
    .join('_')
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, '_')}`
}

/** Replaces values of a config by the values of variables. */
export class Overrides {
  /** What is wrong with the variables. */
  readonly problems: string[] = []
  readonly #environment: NodeJS.ProcessEnv

  constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment
  }

  /** Returns the value of the variable for a value of the config. */
  textFor(keys: readonly string[]): string | undefined {
    const variable = variableOf(keys)
    return ownVariables.includes(variable) ? undefined : this.#environment[variable]
  }

  /** Returns a value with all overrides: a dictionary or a list is overridden leaf by leaf. */
  applied(value: unknown, keys: readonly string[] = []): unknown {
    const text = keys.length > 0 ? this.textFor(keys) : undefined
    if (isPlain(value)) {
      if (text !== undefined)
        this.#refuse(keys, `${keys.join('.')} is a dictionary; set ${leafOf(value, keys)} instead`)
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.applied(each, [...keys, key])]))
    }
    if (text !== undefined) return this.#converted(text, value, keys)
    return Array.isArray(value) ? value.map((each, i) => this.applied(each, [...keys, String(i)])) : value
  }

  /** Converts a text to the type of the value in the files. */
  #converted(text: string, value: unknown, keys: readonly string[]): unknown {
    const isOfType = typeof value === 'number' || typeof value === 'boolean' || Array.isArray(value)
    const converted = isOfType ? likeJson(text) : text
    if (!isOfType || typeName(converted) === typeName(value)) return converted
    const example = Array.isArray(value) ? ', such as ["a", "b"],' : ''
    const got = keys.some((key) => secretKey.test(key)) ? 'another value' : describeValue(text)
    this.#refuse(keys, `expected ${typeName(value)}${example} for ${keys.join('.')}, but got ${got}`)
    return value
  }

  #refuse(keys: readonly string[], message: string): void {
    this.problems.push(`${variableOf(keys)}: ${message}`)
  }
}

/** Parses a number, a boolean or a list; returns all else unchanged. */
export function likeJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && !Array.isArray(value) ? text : value
  } catch {
    return text
  }
}

function leafOf(value: unknown, keys: readonly string[]): string {
  const [first] = isPlain(value) ? Object.entries(value) : []
  return first ? leafOf(first[1], [...keys, first[0]]) : variableOf(isPlain(value) ? [...keys, 'name'] : keys)
}
