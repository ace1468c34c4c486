import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { epochMs } from '../kernel/clock.ts'
import { valueUnless } from '../kernel/value-unless.ts'

const mostKeptLogs = 20
const keptBytes = 4 * 1024 * 1024
const tailBytes = 64 * 1024
const tailLines = 20

/**
 * Log of one process. The process writes directly to the file: a blocked or dead holder never blocks the service, and
 * the tail costs no memory until somebody asks for the lines.
 */
export class LogFile {
  readonly path: string
  #keptAt: Date | undefined

  constructor(path: string) {
    this.path = path
  }

  /** Opens a descriptor that appends, for the process to write to; the caller closes the descriptor after the spawn. */
  openForWriting(): number {
    return openSync(this.path, 'a', 0o600)
  }

  /** Present length of the log in bytes: a mark for `readFrom`. */
  size(): number {
    return this.#read((descriptor) => fstatSync(descriptor).size) ?? 0
  }

  /** Returns the text written since the mark, at most the last `mostBytes` bytes. Default: 64 KiB. */
  readFrom(mark: number, mostBytes: number = tailBytes): string {
    return this.#read((descriptor) => readLast(descriptor, mostBytes, mark).toString()) ?? ''
  }

  /** Yields all bytes written since the mark, in pieces of at most 64 KiB. */
  *chunksFrom(mark: number): Generator<Buffer> {
    for (let start = mark, end = this.size(); start < end; ) {
      const buffer = Buffer.alloc(Math.min(tailBytes, end - start))
      const length = this.#read((descriptor) => readSync(descriptor, buffer, 0, buffer.length, start)) ?? 0
      if (length === 0) return
      start += length
      yield buffer.subarray(0, length)
    }
  }

  /** Returns the last lines. Default: 20. */
  tail(lines: number = tailLines): string {
    return this.readFrom(0).trimEnd().split('\n').slice(-lines).join('\n')
  }

  /**
   * Copies the log, at most its last 4 MiB, to a place where the copy outlives the instance, for the reader of an
   * error. Only the newest 20 copies stay. Keeping the same log again replaces its copy, so that repeated calls do not
   * drive out the evidence of other failures.
   *
   * @param at names the copy. Default: the time of the first `keep`
   * @returns the path of the copy; the path of the log itself if copying fails, because a failed copy must not hide the
   * error
   */
  keep(directory: string, at: Date = this.#firstKeptAt()): string {
    const time = at.toISOString().replaceAll(':', '-')
    const copy = join(directory, `${time}-${process.pid}-${basename(dirname(this.path))}.log`)
    return valueUnless(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'ENOTDIR'], () => this.#copyTo(copy)) ?? this.path
  }

  #copyTo(copy: string): string | undefined {
    const directory = dirname(copy)
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    if (!existsSync(copy)) removeOldest(directory)
    const content = this.#read((descriptor) => readLast(descriptor, keptBytes, 0))
    if (content) writeFileSync(copy, content, { mode: 0o600 })
    return content && copy
  }

  #firstKeptAt(): Date {
    this.#keptAt ??= new Date(epochMs())
    return this.#keptAt
  }

  #read<T>(use: (descriptor: number) => T): T | undefined {
    const descriptor = valueUnless(['ENOENT'], () => openSync(this.path, 'r'))
    if (descriptor === undefined) return undefined
    try {
      return use(descriptor)
    } finally {
      closeSync(descriptor)
    }
  }
}

function removeOldest(directory: string): void {
  const names = readdirSync(directory).sort()
  const surplus = Math.max(0, names.length - mostKeptLogs + 1)
  for (const name of names.slice(0, surplus)) rmSync(join(directory, name), { force: true })
}

function readLast(descriptor: number, most: number, mark: number): Buffer {
  const end = fstatSync(descriptor).size
  const start = Math.max(mark, end - most)
  const buffer = Buffer.alloc(Math.max(0, end - start))
  return buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, start))
}
