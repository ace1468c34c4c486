import { copyFileSync, existsSync, linkSync, mkdirSync, renameSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hasCode, ResultsError } from '../kernel/errors.ts'
import { succeedsUnless } from '../kernel/value-unless.ts'
import { checkFileName, directoriesFor, isFileName, numberedName } from './names.ts'
import type { ReportedFile } from './rows.ts'

/** A place for a file of a result, in an existing directory. */
interface Place {
  /** The file's name on record: `log~2.txt` if the result has a `log.txt` already. */
  readonly name: string
  readonly path: string
}

/** The files of results below a directory. No file replaces an existing file. */
export class ResultFiles {
  readonly #root: string
  readonly #lastNumber = new Map<string, number>()

  constructor(root: string) {
    this.#root = root
  }

  /**
   * Writes a reported file chunk by chunk.
   *
   * @param names of the result: platform, test, subtest
   * @returns the name for the record
   * @throws ERR_RESULTS for a bad name; errors of the source and of the disk. A file written in part is removed.
   */
  async write(names: readonly string[], { name: wanted, content }: ReportedFile): Promise<string> {
    const { name, path } = this.#placeFor(names, wanted)
    try {
      await writeFile(path, content, { flag: 'wx' })
    } catch (thrown) {
      await rm(path, { force: true })
      throw thrown
    }
    return name
  }

  /** Adds to a file, or makes the file. @throws like `write`; the written part of the file stays */
  async append(names: readonly string[], { name, content }: ReportedFile): Promise<void> {
    const path = this.find(names, name) ?? this.#placeFor(names, name).path
    await writeFile(path, content, { flag: 'a' })
  }

  /** Moves a file here; returns the name for the record. */
  move(from: string, names: readonly string[], wanted: string): string {
    const { name, path } = this.#placeFor(names, wanted)
    renameSync(from, path)
    return name
  }

  /** Makes a hard link to a file, or a copy where hard links are not possible; returns the name for the record. */
  link(from: string, names: readonly string[], wanted: string): string {
    const { name, path } = this.#placeFor(names, wanted)
    if (!succeedsUnless(['EPERM', 'ENOTSUP', 'EMLINK'], () => linkSync(from, path))) copyFileSync(from, path)
    return name
  }

  /** Returns the path of a file on record; `undefined` if the file is missing. */
  find(names: readonly string[], name: string): string | undefined {
    if (!isFileName(name)) return undefined
    return directoriesFor(this.#root, names)
      .map((directory) => join(directory, name))
      .find((path) => existsSync(path))
  }

  /** Finds a free place. Synchronous, so that no two results get the same place. */
  #placeFor(names: readonly string[], wanted: string): Place {
    checkFileName(wanted)
    const directory = directoriesFor(this.#root, names).find((each) => makeParents(join(each, wanted)))
    if (directory === undefined)
      throw new ResultsError(`a result names the file "${wanted}", below a name that is a file already`)
    const usual = join(directory, wanted)
    for (let number = (this.#lastNumber.get(usual) ?? 0) + 1; ; number++) {
      const name = numberedName(wanted, number)
      const path = join(directory, name)
      if (existsSync(path)) continue
      this.#lastNumber.set(usual, number)
      return { name, path }
    }
  }
}

/** Makes the directories above a file. Returns `false` if a file is in the place of a directory. */
function makeParents(path: string): boolean {
  try {
    mkdirSync(dirname(path), { recursive: true })
    return true
  } catch (thrown) {
    if (hasCode(thrown, 'EEXIST', 'ENOTDIR')) return false
    throw thrown
  }
}
