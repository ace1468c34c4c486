import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import type { Document, LineCounter, Pair, ParsedNode } from 'yaml'
import { asError, ConfigError } from '../kernel/errors.ts'
import { isMetadata, type Metadata, typeName } from './metadata.ts'

/** A key of a dictionary in a file. */
export interface Entry {
  readonly key: string
  readonly value: unknown
  /** The node of the value: a dictionary has entries of its own. */
  readonly node: unknown
  /** File, line and column of the key. */
  readonly place: string
}

type Yaml = typeof import('yaml')

/** A YAML file with the places of keys. */
export class YamlDocument {
  readonly #path: string
  readonly #yaml: Yaml
  readonly #lines: LineCounter
  readonly #document: Document.Parsed
  readonly value: unknown

  constructor(yaml: Yaml, path: string, text: string) {
    this.#path = path
    this.#yaml = yaml
    this.#lines = new yaml.LineCounter()
    this.#document = yaml.parseDocument(text, { merge: true, lineCounter: this.#lines })
    this.#checkSyntax()
    this.#checkKeys()
    this.value = this.#toValue()
  }

  /** Returns the entries of the whole file, or of a dictionary in the file. @throws ERR_CONFIG without a dictionary */
  entries(node: unknown = this.#document.contents): Entry[] {
    const dictionary = this.#yaml.isAlias(node) ? node.resolve(this.#document) : node
    if (dictionary === null || dictionary === undefined) return []
    const value = this.#yaml.isNode(dictionary) ? dictionary.toJS(this.#document) : dictionary
    if (value === null) return []
    if (!isMetadata(value))
      throw new ConfigError(`${this.#placeOf(node)}: expected a dictionary, but got ${typeName(value)}`)
    const pairs = new Map(this.#yaml.isMap(dictionary) ? dictionary.items.map((pair) => [keyOf(pair), pair]) : [])
    return Object.entries(value).map(([key, each]) => {
      // A key from a merge key (`<<`) has the place of its dictionary.
      const pair = pairs.get(key)
      return { key, value: each, node: pair ? pair.value : each, place: this.#placeOf(pair?.key ?? dictionary) }
    })
  }

  #checkSyntax(): void {
    const [error] = [...this.#document.errors, ...this.#document.warnings]
    if (!error) return
    const [message = ''] = error.message.replace(/ at line \d+, column \d+:?/, '').split('\n')
    throw new ConfigError(`${this.#at(error.pos[0])}: ${message}`, { cause: error })
  }

  #checkKeys(): void {
    this.#yaml.visit(this.#document, {
      Pair: (_, pair) => {
        const key = keyOf(pair)
        const isName = this.#yaml.isScalar(pair.key) && key !== 'null' && !key.startsWith('__proto__')
        if (!isName) throw new ConfigError(`${this.#placeOf(pair.key)}: a key must be a text, but got ${key}`)
      },
    })
  }

  #toValue(): unknown {
    try {
      const value: unknown = this.#document.toJS()
      // Throws for an anchor within its own content.
      JSON.stringify(value)
      return value
    } catch (thrown) {
      throw new ConfigError(`${this.#path}: ${asError(thrown).message.split('\n')[0]}`, { cause: thrown })
    }
  }

  #placeOf(node: unknown): string {
    const range = this.#yaml.isNode(node) ? (node as ParsedNode).range : undefined
    return this.#at(range?.[0] ?? 0)
  }

  #at(offset: number): string {
    const { line, col } = this.#lines.linePos(offset)
    return `${this.#path}:${line}:${col}`
  }
}

function keyOf(pair: Pair<unknown, unknown>): string {
  return String(pair.key)
}

/** Loads the package `yaml`; the bundled package has no named exports. */
async function loadYaml(): Promise<Yaml> {
  return (await import('yaml')).default
}

/** Writes a value as YAML. */
export async function yamlText(value: unknown): Promise<string> {
  return (await loadYaml()).stringify(value)
}

/** Reads YAML files without waiting, for trees of thousands of files. */
export type YamlReader = (path: string) => YamlDocument

/** Returns a reader of YAML files. The reader throws ERR_CONFIG with file, line and column of a mistake. */
export async function yamlReader(): Promise<YamlReader> {
  const yaml = await loadYaml()
  return (path) => new YamlDocument(yaml, path, readText(path))
}

/** Reads a file of UTF-8. @throws ERR_CONFIG */
export function readText(path: string): string {
  const bytes = readBytes(path)
  if (isUtf8(bytes)) return bytes.toString()
  const lines = bytes.toString('latin1').split('\n')
  const line = lines.findIndex((each) => !isUtf8(Buffer.from(each, 'latin1')))
  throw new ConfigError(`${path}:${line + 1}:1: the line is not UTF-8; metadata files must be`)
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (thrown) {
    throw new ConfigError(`${path}: cannot be read: ${asError(thrown).message}`, { cause: thrown })
  }
}

/** Reads a YAML file with a dictionary, or an empty file. @throws ERR_CONFIG */
export async function readDictionary(path: string): Promise<Metadata> {
  const read = await yamlReader()
  return Object.fromEntries(
    read(path)
      .entries()
      .map(({ key, value }) => [key, value]),
  )
}
