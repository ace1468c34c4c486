import { dirname } from 'node:path'
import { type Change, merged, plainKey } from './merge.ts'
import type { Metadata } from './metadata.ts'
import type { RawNode } from './raw-node.ts'
import { readTreeFiles } from './tree-files.ts'

/** A node of a tree, with all inherited data. */
export interface FmfNode {
  /** `/download/smoke`. */
  readonly name: string
  readonly data: Metadata
  /** Directory of the last file with a definition of the node. */
  readonly directory: string
  /** Whether a search finds the node: by default a node without children. */
  readonly isSelected: boolean
  /** Sorted by name. */
  readonly children: readonly FmfNode[]
  /** File, line and column of each attribute, for messages. */
  readonly places: ReadonlyMap<string, string>
}

export interface FmfTree {
  /** Directory with `.fmf`. */
  readonly root: string
  readonly node: FmfNode
}

/**
 * Reads the FMF tree around a directory, with inheritance applied.
 *
 * @throws ERR_CONFIG with file, line and column of a mistake
 * @see https://fmf.readthedocs.io/en/stable/concept.html
 */
export async function readTree(directory: string): Promise<FmfTree> {
  const { root, node } = await readTreeFiles(directory)
  const above = { data: {}, directory: root, places: new Map() }
  // The root does not inherit, and the suffixes of the root stay.
  return { root, node: inherited({ ...node, directives: { ...node.directives, inherit: false } }, above) }
}

function inherited(raw: RawNode, parent: Pick<FmfNode, 'data' | 'directory' | 'places'>): FmfNode {
  const isAlone = raw.directives.inherit === false
  const changes = [...raw.attributes].map(([key, { value, place }]) => ({ key, value, where: `${place}: ${raw.name}` }))
  const file = raw.files.at(-1)
  const self = {
    name: raw.name,
    data: isAlone ? ownData(changes) : merged(parent.data, changes),
    directory: file === undefined ? parent.directory : dirname(file),
    places: new Map([...parent.places, ...changes.map(({ key, where }) => [plainKey(key), where] as const)]),
  }
  const children = [...raw.children].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, child]) => inherited(child, self))
  return { ...self, isSelected: raw.directives.select ?? children.length === 0, children }
}

function ownData(changes: readonly Change[]): Metadata {
  return Object.fromEntries(changes.map(({ key, value }) => [key, value]))
}

/** Lists the selected nodes, parents before children. */
export function selectedNodes(node: FmfNode): FmfNode[] {
  const below = node.children.flatMap(selectedNodes)
  return node.isSelected ? [node, ...below] : below
}

/** Finds a node by name, selected or not. */
export function findNode(node: FmfNode, name: string): FmfNode | undefined {
  if (node.name === name) return node
  for (const child of node.children) {
    const found = findNode(child, name)
    if (found) return found
  }
  return undefined
}
