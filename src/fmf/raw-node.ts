import { posix } from 'node:path'
import { ConfigError } from '../kernel/errors.ts'
import { isDictionary, typeName } from '../yaml/dictionary.ts'
import type { Entry, YamlDocument } from '../yaml/yaml-document.ts'

interface Attribute {
  readonly value: unknown
  readonly place: string
}

/** A node from the files, before inheritance. */
export interface RawNode {
  /** `/` for the root, `/download/smoke` for a node below. */
  readonly name: string
  /** In the order of the files, with the suffixes of merging. */
  readonly attributes: Map<string, Attribute>
  readonly children: Map<string, RawNode>
  /** Files of this node, first to last. */
  readonly files: string[]
  readonly directives: { inherit?: boolean; select?: boolean }
  /** Whether any file mentions the node. A directory without metadata is no node. */
  isDefined: boolean
}

export function rawNode(name: string): RawNode {
  return { name, attributes: new Map(), children: new Map(), files: [], directives: {}, isDefined: false }
}

/** Returns the child of this name; makes a missing child. */
export function childOf(node: RawNode, name: string): RawNode {
  const known = node.children.get(name)
  if (known) return known
  const made = rawNode(posix.join(node.name, name))
  node.children.set(name, made)
  return made
}

/** Adds a file, or a dictionary of a file, to a node. Later attributes replace earlier attributes of the same key. */
export function addEntries(node: RawNode, document: YamlDocument, entries: readonly Entry[]): void {
  node.isDefined = true
  for (const entry of entries) {
    if (entry.key === '/') addDirectives(node, entry)
    else if (entry.key.startsWith('/')) addChild(node, document, entry)
    else node.attributes.set(entry.key, { value: entry.value, place: entry.place })
  }
}

/** Adds `/a` or, for a deeper hierarchy on one line, `/a/b/c`. */
function addChild(node: RawNode, document: YamlDocument, entry: Entry): void {
  const [, name = '', rest = ''] = /^\/+([^/]+)(\/.*)?$/s.exec(entry.key) ?? []
  if (name === '') throw new ConfigError(`${entry.place}: "${entry.key}" is no name of a node`)
  const child = childOf(node, name)
  if (rest !== '') addEntries(child, document, [{ ...entry, key: rest }])
  else addEntries(child, document, childEntries(document, entry))
}

function childEntries(document: YamlDocument, entry: Entry): Entry[] {
  if (entry.value === null || isDictionary(entry.value)) return document.entries(entry.node)
  const got = typeName(entry.value)
  throw new ConfigError(`${entry.place}: ${entry.key} is a node: expected a dictionary, but got ${got}`)
}

const directives = ['inherit', 'select'] as const

function addDirectives(node: RawNode, { value, place }: Entry): void {
  const where = `${place}: ${node.name}: the directives "/"`
  if (!isDictionary(value)) throw new ConfigError(`${where}: expected a dictionary, but got ${typeName(value)}`)
  for (const [key, each] of Object.entries(value)) {
    const name = directives.find((known) => known === key)
    if (!name) throw new ConfigError(`${where}: unknown directive "${key}"; expected inherit or select`)
    if (typeof each !== 'boolean')
      throw new ConfigError(`${where}: ${key}: expected true or false, but got ${typeName(each)}`)
    node.directives[name] = each
  }
}
