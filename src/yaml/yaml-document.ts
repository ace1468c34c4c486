import type { Document, LineCounter, Node, Pair } from 'yaml'
import { asError, ConfigError } from '../kernel/errors.ts'
import { isDictionary, typeName } from './dictionary.ts'
import type { Position, Problem } from './problem.ts'
import { keyOf, type Yaml, YamlNodes, type YamlPath } from './yaml-nodes.ts'

/** A key of a dictionary in a file. */
export interface Entry {
  readonly key: string
  readonly value: unknown
  /** The node of the value: a dictionary has entries of its own. */
  readonly node: unknown
  /** File, line and column of the key. */
  readonly place: string
}

/** A mistake after which the value of the file can still be read. */
const harmless = 'DUPLICATE_KEY'

/** Advice for errors of the syntax, by code. */
const advice: Readonly<Record<string, string>> = {
  BLOCK_AS_IMPLICIT_KEY: 'a text with ": " must be in quotes',
  MULTIPLE_DOCS: 'a file holds one document: remove the line "---"',
  TAB_AS_INDENT: 'use spaces',
}

/** A YAML file with the places of keys and values. */
export class YamlDocument {
  /** Mistakes in the syntax, keys that are no texts, and anchors that do not exist. */
  readonly problems: readonly Problem[]
  /** Whether the problems leave a value to read. */
  readonly isReadable: boolean
  /** The value of the file; `undefined` if it is not readable. */
  readonly value: unknown
  readonly #path: string
  readonly #text: string
  readonly #yaml: Yaml
  readonly #lines: LineCounter
  readonly #document: Document.Parsed
  readonly #nodes: YamlNodes

  constructor(yaml: Yaml, path: string, text: string) {
    this.#path = path
    this.#text = text
    this.#yaml = yaml
    this.#lines = new yaml.LineCounter()
    this.#document = this.#parse(text)
    this.#nodes = new YamlNodes(yaml, this.#document.contents)
    const { errors, warnings } = this.#document
    const syntax = [...errors, ...warnings].map(({ code, message, pos }) => ({
      position: this.#at(pos[0]),
      message: plainMessage(code, message),
    }))
    const nodes = this.#nodeProblems()
    const isSound = nodes.length === 0 && errors.every(({ code }) => code === harmless)
    const found: Problem[] = []
    this.value = isSound ? this.#toValue(found) : undefined
    this.isReadable = isSound && found.length === 0
    this.problems = [...syntax, ...nodes, ...found]
  }

  /** Returns the entries of the whole file, or of a dictionary in the file. @throws ERR_CONFIG without a dictionary */
  entries(node: unknown = this.#document.contents): Entry[] {
    const dictionary = this.#nodes.resolved(node)
    if (dictionary === null || dictionary === undefined) return []
    const value = this.#yaml.isNode(dictionary) ? dictionary.toJS(this.#document) : dictionary
    if (value === null) return []
    if (!isDictionary(value))
      throw new ConfigError(`${this.#placeOf(node)}: expected a dictionary, but got ${typeName(value)}`)
    const pairs = new Map(this.#yaml.isMap(dictionary) ? dictionary.items.map((pair) => [keyOf(pair), pair]) : [])
    return Object.entries(value).map(([key, each]) => {
      // A key from a merge key (`<<`) has the place of its dictionary.
      const pair = pairs.get(key)
      return { key, value: each, node: pair ? pair.value : each, place: this.#placeOf(pair?.key ?? dictionary) }
    })
  }

  /** Returns the position of a value, or of the nearest value around a missing value. */
  positionOf(path: YamlPath): Position {
    return this.#positionOf(this.#nodes.find(path).value)
  }

  /** Returns the position of the key of a value, or of the nearest value around a missing value. */
  keyPositionOf(path: YamlPath): Position {
    const { key, value } = this.#nodes.find(path)
    return this.#positionOf(key ?? value)
  }

  /** Returns the position of the n-th occurrence of a part in a text, counted from 0. */
  positionInText(path: YamlPath, part: string, n: number): Position {
    const [begin = 0, end = begin] = rangeOf(this.#nodes.find(path).value)
    let at = this.#text.indexOf(part, begin)
    for (let i = 0; i < n && at >= 0; i++) at = this.#text.indexOf(part, at + part.length)
    // A text with escapes may spell the part in a different way.
    return this.#at(at >= 0 && at < end ? at : begin)
  }

  /** Returns a scalar as written, `1.10` for the number 1.1; `undefined` for what is no scalar. */
  sourceOf(path: YamlPath): string | undefined {
    const { value, isComplete } = this.#nodes.find(path)
    return isComplete && this.#yaml.isScalar(value) ? (value.source ?? '') : undefined
  }

  #parse(text: string): Document.Parsed {
    try {
      return this.#yaml.parseDocument(text, { merge: true, lineCounter: this.#lines })
    } catch (thrown) {
      // The stack is too small for a value in thousands of brackets.
      throw new ConfigError(`${this.#path}:1:1: ${asError(thrown).message}`, { cause: thrown })
    }
  }

  /** Finds the anchor of each alias, aliases without an anchor, keys that are no texts, and wrong merge keys. */
  #nodeProblems(): Problem[] {
    const problems: Problem[] = []
    const anchors = new Map<string, Node>()
    this.#yaml.visit(this.#document, {
      Pair: (_, pair) => {
        const problem = this.#problemOfKey(pair)
        if (problem) problems.push(problem)
        return problem && this.#yaml.visit.SKIP
      },
      Alias: (_, alias) => {
        const anchor = anchors.get(alias.source)
        if (anchor) this.#nodes.setAnchor(alias, anchor)
        else problems.push({ position: this.#positionOf(alias), message: missingAnchor(alias.source) })
      },
      Value: (_, node) => {
        if (node.anchor) anchors.set(node.anchor, node)
      },
    })
    return problems.length > 0 ? problems : this.#mergeProblems()
  }

  #mergeProblems(): Problem[] {
    const problems: Problem[] = []
    this.#yaml.visit(this.#document, {
      Map: (_, map) => {
        for (const source of this.#nodes.mergeSources(map)) {
          if (this.#yaml.isMap(this.#nodes.resolved(source))) continue
          problems.push({ position: this.#positionOf(source), message: 'the merge key << takes dictionaries' })
        }
      },
    })
    return problems
  }

  #problemOfKey(pair: Pair<unknown, unknown>): Problem | undefined {
    const key = this.#yaml.isScalar(pair.key) ? keyOf(pair) : 'a list or a dictionary'
    const isName = this.#yaml.isScalar(pair.key) && key !== 'null' && !key.startsWith('__proto__')
    if (isName) return undefined
    const [begin] = rangeOf(pair.key)
    const isSubstitution = this.#yaml.isMap(pair.key) && this.#text.startsWith('{{', begin - 1)
    if (!isSubstitution) return { position: this.#at(begin), message: `a key must be a text, but got ${key}` }
    return { position: this.#at(begin - 1), message: 'a text that begins with {{ must be in quotes: "{{ … }}"' }
  }

  #toValue(problems: Problem[]): unknown {
    try {
      const value: unknown = this.#document.toJS()
      // Throws for an anchor within its own content.
      JSON.stringify(value)
      return value
    } catch (thrown) {
      const [message = ''] = asError(thrown).message.split('\n')
      problems.push({ position: this.#at(0), message })
      return undefined
    }
  }

  #positionOf(node: unknown): Position {
    return this.#at(rangeOf(node)[0])
  }

  #placeOf(node: unknown): string {
    const { line, column } = this.#positionOf(node)
    return `${this.#path}:${line}:${column}`
  }

  #at(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
}

function rangeOf(node: unknown): readonly [number, number] {
  const [begin, end] = (node as Node | null | undefined)?.range ?? [0, 0]
  return [begin, end]
}

function missingAnchor(name: string): string {
  return `there is no anchor &${name} before this line; a text that begins with * must be in quotes`
}

function plainMessage(code: string, message: string): string {
  const [line = ''] = message.replace(/ at line \d+, column \d+:?/, '').split('\n')
  return code in advice ? `${line}; ${advice[code]}` : line
}

/** Loads the package `yaml`. */
export function loadYaml(): Promise<Yaml> {
  return import('yaml')
}

/** Writes a value as YAML. */
export async function yamlText(value: unknown): Promise<string> {
  return (await loadYaml()).stringify(value)
}
