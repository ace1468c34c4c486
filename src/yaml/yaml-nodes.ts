import type { Alias, Node, Pair, YAMLMap } from 'yaml'

/** Keys and indices that lead from the whole file to a value. */
export type YamlPath = readonly (string | number)[]

export type Yaml = typeof import('yaml')

interface Found {
  readonly key: unknown
  readonly value: unknown
  /** Whether the whole path was found. */
  readonly isComplete: boolean
}

/** The nodes of a YAML file: finds values by their paths, through aliases and merge keys. */
export class YamlNodes {
  readonly #yaml: Yaml
  readonly #contents: unknown
  readonly #anchors = new Map<Alias, Node>()

  constructor(yaml: Yaml, contents: unknown) {
    this.#yaml = yaml
    this.#contents = contents
  }

  /** Notes what an alias stands for. */
  setAnchor(alias: Alias, node: Node): void {
    this.#anchors.set(alias, node)
  }

  /** Finds the node at a path, or the nearest node around a missing one. */
  find(path: YamlPath): Found {
    let found: Found = { key: undefined, value: this.#contents, isComplete: true }
    for (const step of path) {
      const next = this.#child(this.resolved(found.value), step)
      if (!next) return { ...found, isComplete: false }
      found = next
    }
    return { ...found, value: this.resolved(found.value) }
  }

  #child(node: unknown, step: string | number): Found | undefined {
    if (this.#yaml.isSeq(node)) {
      const value = node.items[Number(step)]
      return value === undefined ? undefined : { key: undefined, value, isComplete: true }
    }
    const pair = this.#yaml.isMap(node) ? this.#pair(node, String(step)) : undefined
    return pair && { key: pair.key, value: pair.value ?? pair.key, isComplete: true }
  }

  /** Finds the last pair with a key; a dictionary of a merge key (`<<`) comes after the own keys. */
  #pair(map: YAMLMap, key: string): Pair<unknown, unknown> | undefined {
    const own = map.items.findLast((pair) => keyOf(pair) === key)
    if (own) return own
    for (const source of this.mergeSources(map)) {
      const merged = this.resolved(source)
      const pair = this.#yaml.isMap(merged) ? this.#pair(merged, key) : undefined
      if (pair) return pair
    }
    return undefined
  }

  /** Returns the nodes that the merge keys (`<<`) of a dictionary name. */
  mergeSources(map: YAMLMap): unknown[] {
    const sources = map.items.filter(isMerge).map(({ value }) => value)
    return sources.flatMap((source) => {
      const resolved = this.resolved(source)
      return this.#yaml.isSeq(resolved) ? resolved.items : [source]
    })
  }

  /** Returns the node that an alias stands for. */
  resolved(node: unknown): unknown {
    return this.#yaml.isAlias(node) ? this.#anchors.get(node) : node
  }
}

function isMerge({ key }: Pair<unknown, unknown>): boolean {
  const { value } = (key ?? {}) as { value?: unknown }
  return (typeof value === 'symbol' ? value.description : value) === '<<'
}

/** Returns the key of a pair as a text. */
export function keyOf(pair: Pair<unknown, unknown>): string {
  return String(pair.key)
}
