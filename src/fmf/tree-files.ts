import { type Dirent, existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { ConfigError, hasCode } from '../kernel/errors.ts'
import { isDictionary } from '../yaml/dictionary.ts'
import { readText } from '../yaml/read-text.ts'
import { listOf } from './metadata.ts'
import { addEntries, childOf, type RawNode, rawNode } from './raw-node.ts'
import { readDictionary, type YamlReader, yamlReader } from './read-metadata.ts'

const suffix = '.fmf'
const mainFile = 'main.fmf'
/** Supported version of the format. */
const knownVersion = 1

/** A tree read from disk, before inheritance. */
export interface TreeFiles {
  /** Directory with `.fmf`. */
  readonly root: string
  readonly node: RawNode
}

/**
 * Reads all metadata files of the tree around a directory.
 *
 * @throws ERR_CONFIG if no tree contains the directory, or for a mistake in a file
 */
export async function readTreeFiles(directory: string): Promise<TreeFiles> {
  const root = findRoot(resolve(directory))
  checkVersion(root)
  const node = rawNode('/')
  new Walk(await yamlReader(), await hiddenNames(root)).grow(node, root)
  return { root, node }
}

function findRoot(start: string): string {
  if (!isDirectory(start)) throw new ConfigError(`${start}: there is no such directory`)
  for (let at = start; ; at = dirname(at)) {
    if (isDirectory(join(at, suffix))) return at
    if (at === dirname(at))
      throw new ConfigError(
        `${start}: no FMF tree; a tree has a directory .fmf with a file version: echo 1 > .fmf/version`,
      )
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch (thrown) {
    // Missing, not to be reached, or a link in a loop.
    if (hasCode(thrown, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP')) return false
    throw thrown
  }
}

function checkVersion(root: string): void {
  const path = join(root, suffix, 'version')
  const text = existsSync(path) ? readText(path).trim() : 'no file'
  if (text === String(knownVersion)) return
  throw new ConfigError(`${path}: expected format version ${knownVersion}, but got ${text || 'nothing'}`)
}

/** Returns the names of hidden files and directories included by `.fmf/config`. */
async function hiddenNames(root: string): Promise<ReadonlySet<unknown>> {
  const path = join(root, suffix, 'config')
  if (!existsSync(path)) return new Set()
  const { explore } = await readDictionary(path)
  const include = isDictionary(explore) ? explore.include : undefined
  if (include !== undefined && !Array.isArray(include))
    throw new ConfigError(`${path}: explore.include: expected a list`)
  const names = listOf(include)
  if (names.includes(suffix)) throw new ConfigError(`${path}: the directory .fmf cannot hold metadata`)
  return new Set(names)
}

interface Listing {
  readonly files: readonly string[]
  readonly directories: readonly Dirent[]
}

/** One walk through the directories of a tree. */
class Walk {
  readonly #read: YamlReader
  readonly #hidden: ReadonlySet<unknown>
  /** Targets of entered links. A second link to a target is a loop, or would repeat the tests of the target. */
  readonly #linked = new Set<string>()

  constructor(read: YamlReader, hidden: ReadonlySet<unknown>) {
    this.#read = read
    this.#hidden = hidden
  }

  /** Adds the files of a directory, `main.fmf` first, and then the directories. */
  grow(node: RawNode, directory: string): void {
    const { files, directories } = this.#list(directory)
    for (const name of files) this.#addFile(node, join(directory, name))
    for (const entry of directories) {
      const path = join(directory, entry.name)
      if (this.#isToBeEntered(path, entry)) this.grow(childOf(node, entry.name), path)
    }
    for (const [name, child] of node.children) {
      if (!child.isDefined && child.children.size === 0) node.children.delete(name)
    }
  }

  #addFile(node: RawNode, path: string): void {
    const name = basename(path)
    const target = name === mainFile ? node : childOf(node, name.slice(0, -suffix.length))
    const document = this.#read(path)
    target.files.push(path)
    addEntries(target, document, document.entries())
  }

  #list(directory: string): Listing {
    const entries = readableEntries(directory).filter(({ name }) => !name.startsWith('.') || this.#hidden.has(name))
    const leadsToDirectory = (entry: Dirent) =>
      entry.isSymbolicLink() ? isDirectory(join(directory, entry.name)) : entry.isDirectory()
    const directories = entries.filter(leadsToDirectory).sort(byName)
    const known = new Set(directories)
    const files = entries.filter((entry) => !known.has(entry) && entry.name.endsWith(suffix)).sort(byName)
    const names = files.map(({ name }) => name)
    return { files: names.sort((a, b) => Number(b === mainFile) - Number(a === mainFile)), directories }
  }

  /** A directory with a directory `.fmf` is a tree of its own. */
  #isToBeEntered(path: string, entry: Dirent): boolean {
    if (entry.isSymbolicLink()) {
      const target = realpathSync(path)
      if (this.#linked.has(target)) return false
      this.#linked.add(target)
    }
    return !isDirectory(join(path, suffix))
  }
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1
}

/** Leaves out directories without permission to read, like FMF. */
function readableEntries(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch (thrown) {
    if (hasCode(thrown, 'EACCES')) return []
    throw thrown
  }
}
