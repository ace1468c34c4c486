import { type Dirent, existsSync, statSync } from 'node:fs'
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { ConfigError, hasCode } from '../kernel/errors.ts'
import { isMetadata, listOf } from './metadata.ts'
import { addEntries, childOf, type RawNode, rawNode } from './raw-node.ts'
import { readDictionary, readYaml } from './yaml-document.ts'

const suffix = '.fmf'
const mainFile = 'main.fmf'
/** Version of the format that this package reads. */
const knownVersion = 1

/** A tree as it is on disk. */
export interface TreeFiles {
  /** Directory that contains `.fmf`. */
  readonly root: string
  readonly node: RawNode
}

/**
 * Reads all metadata files of the tree that contains a directory.
 *
 * @throws ERR_CONFIG if no tree contains the directory, or for a mistake in a file
 */
export async function readTreeFiles(directory: string): Promise<TreeFiles> {
  const root = findRoot(resolve(directory))
  await checkVersion(root)
  const node = rawNode('/')
  await new Walk(await hiddenNames(root)).grow(node, root)
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
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

async function checkVersion(root: string): Promise<void> {
  const path = join(root, suffix, 'version')
  const text = existsSync(path) ? (await readFile(path, 'utf8')).trim() : 'no file'
  if (text === String(knownVersion)) return
  throw new ConfigError(`${path}: expected format version ${knownVersion}, but got ${text || 'nothing'}`)
}

/** Returns the names of hidden files and directories that `.fmf/config` includes. */
async function hiddenNames(root: string): Promise<ReadonlySet<unknown>> {
  const path = join(root, suffix, 'config')
  if (!existsSync(path)) return new Set()
  const { explore } = await readDictionary(path)
  const include = isMetadata(explore) ? explore.include : undefined
  if (include !== undefined && !Array.isArray(include))
    throw new ConfigError(`${path}: explore.include: expected a list`)
  const names = listOf(include)
  if (names.includes(suffix)) throw new ConfigError(`${path}: the directory .fmf cannot hold metadata`)
  return new Set(names)
}

interface Listing {
  readonly files: readonly string[]
  readonly directories: readonly string[]
}

/** One walk through the directories of a tree. */
class Walk {
  readonly #hidden: ReadonlySet<unknown>
  /** Targets of links that were entered. A second link to one of them is a loop, or would repeat its tests. */
  readonly #linked = new Set<string>()

  constructor(hidden: ReadonlySet<unknown>) {
    this.#hidden = hidden
  }

  /** Adds the files of a directory, `main.fmf` first, and then its directories. */
  async grow(node: RawNode, directory: string): Promise<void> {
    const { files, directories } = await this.#list(directory)
    for (const name of files) await this.#addFile(node, join(directory, name))
    for (const name of directories) {
      const path = join(directory, name)
      if (await this.#isToBeEntered(path)) await this.grow(childOf(node, name), path)
    }
    for (const [name, child] of node.children) {
      if (!child.isDefined && child.children.size === 0) node.children.delete(name)
    }
  }

  async #addFile(node: RawNode, path: string): Promise<void> {
    const name = basename(path)
    const target = name === mainFile ? node : childOf(node, name.slice(0, -suffix.length))
    const document = await readYaml(path)
    target.files.push(path)
    addEntries(target, document, document.entries())
  }

  async #list(directory: string): Promise<Listing> {
    const entries = (await readableEntries(directory)).filter(({ name }) => this.#isShown(name))
    const files: string[] = []
    const directories: string[] = []
    for (const entry of entries.sort(byName)) {
      if (await leadsToDirectory(directory, entry)) directories.push(entry.name)
      else if (entry.name.endsWith(suffix)) files.push(entry.name)
    }
    return { files: files.sort((a, b) => Number(b === mainFile) - Number(a === mainFile)), directories }
  }

  #isShown(name: string): boolean {
    return !name.startsWith('.') || this.#hidden.has(name)
  }

  /** A directory with a directory `.fmf` is a tree of its own. */
  async #isToBeEntered(path: string): Promise<boolean> {
    const target = await realpath(path)
    if (target !== join(await realpath(dirname(path)), basename(path))) {
      if (this.#linked.has(target)) return false
      this.#linked.add(target)
    }
    return !isDirectory(join(path, suffix))
  }
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1
}

/** FMF leaves out directories that it may not read. */
async function readableEntries(directory: string): Promise<Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true })
  } catch (thrown) {
    if (hasCode(thrown, 'EACCES')) return []
    throw thrown
  }
}

async function leadsToDirectory(directory: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory()
  const target = await stat(join(directory, entry.name)).catch(() => undefined)
  return target?.isDirectory() ?? false
}
