import { parseDuration } from '../../kernel/duration.ts'
import { isDictionary, typeName } from '../../yaml/dictionary.ts'
import { problemOfName } from '../config/transport-names.ts'
import { describeGot } from './describe-got.ts'
import type { RawStep, StepScope } from './step-reader.ts'

/** What a step has besides its name and its work. */
interface StepSettings {
  readonly transport?: string | undefined
  readonly timeoutMs?: number | undefined
  readonly directory?: string | undefined
  readonly environment?: Readonly<Record<string, string>> | undefined
}

/** Reads the settings of a step. A wrong setting is a problem, and left out. */
export function readSettings(step: RawStep, scope: StepScope): StepSettings {
  return new SettingsReader(step, scope).read()
}

class SettingsReader {
  readonly #step: RawStep
  readonly #scope: StepScope

  constructor(step: RawStep, scope: StepScope) {
    this.#step = step
    this.#scope = scope
  }

  read(): StepSettings {
    return {
      transport: this.#transport(),
      timeoutMs: this.#timeoutMs(),
      directory: this.#text('directory'),
      environment: this.#environment(),
    }
  }

  #transport(): string | undefined {
    const name = this.#text('transport')
    const problem = name === undefined ? undefined : problemOfName(name, this.#scope.config)
    return problem === undefined ? name : this.#refuse(['transport'], problem)
  }

  #text(key: 'transport' | 'directory'): string | undefined {
    const value = this.#value(key)
    if (value === undefined) return undefined
    if (typeof value !== 'string') return this.#refuse([key], `expected a text, but got ${describeGot(value)}`)
    if (value !== '' && !value.includes('\0')) return value
    return this.#refuse([key], 'expected a text that is not empty, without NUL')
  }

  #timeoutMs(): number | undefined {
    const value = this.#value('timeout')
    if (value === undefined) return undefined
    const ms = typeof value === 'number' ? value * 1_000 : parseDuration(typeof value === 'string' ? value : '')
    if (ms !== undefined && ms > 0 && Number.isFinite(ms)) return ms
    const got = typeof value === 'string' || typeof value === 'number' ? JSON.stringify(value) : typeName(value)
    const expected = 'expected a duration above 0 such as 90s, 15m or 1h 30m, or seconds as a number'
    return this.#refuse(['timeout'], `${expected}, but got ${got}`)
  }

  #environment(): Record<string, string> | undefined {
    const value = this.#value('environment')
    if (value === undefined) return undefined
    if (!isDictionary(value)) return this.#refuse(['environment'], `expected a dictionary, but got ${typeName(value)}`)
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, this.#variable(name, each) ?? '']))
  }

  #variable(name: string, value: unknown): string | undefined {
    const keys = ['environment', name]
    if (!/^[A-Za-z_]\w*$/.test(name))
      return this.#refuse(keys, 'is no name of a variable: expected letters, digits and "_"')
    if (typeof value === 'string')
      return value.includes('\0') ? this.#refuse(keys, 'expected a text without NUL') : value
    if (typeof value === 'number' || typeof value === 'boolean') return this.#asWritten(name) ?? String(value)
    return this.#refuse(keys, `expected a text, but got ${typeName(value)}`)
  }

  /** Returns a number or a boolean of the file as written: 1.10 is not 1.1. */
  #asWritten(name: string): string | undefined {
    const { environment } = this.#step.value
    const isSubstituted = !isDictionary(environment) || typeof environment[name] === 'string'
    return isSubstituted ? undefined : this.#scope.document.sourceOf([...this.#step.path, 'environment', name])
  }

  #value(key: string): unknown {
    const { value, path } = this.#step
    return key in value ? (this.#scope.substitution.in(value[key], [...path, key]) ?? null) : undefined
  }

  /** Adds a problem, unless the substitution in the value is one already. */
  #refuse(keys: readonly string[], message: string): undefined {
    const path = [...this.#step.path, ...keys]
    if (!this.#scope.findings.concern(path))
      this.#scope.findings.add(path, `${this.#step.prefix}${keys.join('.')}: ${message}`)
    return undefined
  }
}
