import { ConfigError } from '../../kernel/errors.ts'
import { didYouMean } from '../../kernel/suggestion.ts'
import type { Dictionary } from '../../yaml/dictionary.ts'
import { describeProblems, type Problem } from '../../yaml/problem.ts'
import type { YamlDocument } from '../../yaml/yaml-document.ts'
import type { YamlPath } from '../../yaml/yaml-nodes.ts'

interface Keys {
  readonly value: Dictionary
  readonly known: readonly string[]
  /** What a message begins with: `step "build": `. */
  readonly prefix: string
  /** Advice for keys of other programs. */
  readonly advice?: Readonly<Record<string, string>>
}

/** What is wrong with a workflow. */
export class Findings {
  readonly #document: YamlDocument
  readonly #problems: Problem[]
  readonly #paths: YamlPath[] = []

  constructor(document: YamlDocument) {
    this.#document = document
    this.#problems = [...document.problems]
  }

  /** Adds a problem at a value, or at the nearest value around a missing value. */
  add(path: YamlPath, message: string): void {
    this.#problems.push({ position: this.#document.positionOf(path), message })
    this.#paths.push(path)
  }

  /** Adds a problem at the key of a value. */
  addAtKey(path: YamlPath, message: string): void {
    this.#problems.push({ position: this.#document.keyPositionOf(path), message })
    this.#paths.push(path)
  }

  /** Adds a problem at the n-th occurrence of a part in a text, counted from 0. */
  addInText(path: YamlPath, { part, n }: { readonly part: string; readonly n: number }, message: string): void {
    this.#problems.push({ position: this.#document.positionInText(path, part, n), message })
    this.#paths.push(path)
  }

  addUnknownKeys(path: YamlPath, { value, known, prefix, advice = {} }: Keys): void {
    for (const key of Object.keys(value).filter((each) => !known.includes(each))) {
      const hint = Object.hasOwn(advice, key) ? ` (${advice[key]})` : didYouMean(key, known)
      this.addAtKey([...path, key], `${prefix}unknown key "${key}"${hint}; expected one of ${known.join(', ')}`)
    }
  }

  /** Whether a problem was found in a value, or in the value around it. */
  concern(path: YamlPath): boolean {
    return this.#paths.some((other) => path.every((key, i) => i >= other.length || String(key) === String(other[i])))
  }

  /** Returns one error with all problems. */
  error(file: string): ConfigError | undefined {
    if (this.#problems.length === 0) return undefined
    return new ConfigError(describeProblems(file, this.#problems).join('\n'))
  }
}
