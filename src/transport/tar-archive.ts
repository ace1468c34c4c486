import { closeSync, fstatSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, type Stats } from 'node:fs'
import { monotonicMs, nextTurn } from '../kernel/clock.ts'

/** @see tar(5): blocks of a GNU archive */
const blockBytes = 512
const chunkBytes = 256 * 1024
/** Files of a slow disk must not hold this thread up. */
const longestTurnMs = 20
const longestField = 100
const largestOctal = 8 ** 11
const kinds = { file: '0', link: '2', directory: '5', longLink: 'K', longName: 'L' } as const

interface Entry {
  /** Paths and targets are Latin-1, a byte a character: names in other encodings than UTF-8 stay unchanged. */
  readonly name: string
  readonly kind: keyof typeof kinds
  readonly target?: string
  readonly mode: number
  readonly size: number
  readonly modifiedMs: number
}

/**
 * Returns the archive of a directory and all below, or of a single file or link, in chunks of many small files, or of a
 * part of a large file. Owners are left out; sockets and devices too. All chunks lie in the same memory: a chunk is valid
 * until the next is taken.
 *
 * @param name of the entry; the content of a directory is below the name
 */
export async function* tarArchive(path: string, name: string): AsyncGenerator<Buffer> {
  for (const chunk of chunksOf(Buffer.from(path).toString('latin1'), Buffer.from(name).toString('latin1'))) {
    yield chunk
    await nextTurn()
  }
}

function* chunksOf(path: string, name: string): Generator<Buffer> {
  const chunks = new Chunks()
  yield* entriesOf(path, name, chunks)
  yield* chunks.add(Buffer.alloc(2 * blockBytes))
  yield chunks.take()
}

function* entriesOf(path: string, name: string, chunks: Chunks): Generator<Buffer> {
  const stats = lstatSync(bytesOf(path))
  if (stats.isDirectory()) {
    yield* chunks.add(headerOf({ ...factsOf(stats), name: `${name}/`, kind: 'directory', size: 0 }))
    const children = readdirSync(bytesOf(path), { encoding: 'latin1' })
    for (const child of children) yield* entriesOf(`${path}/${child}`, `${name}/${child}`, chunks)
  } else if (stats.isSymbolicLink()) {
    const target = readlinkSync(bytesOf(path), { encoding: 'latin1' })
    yield* chunks.add(headerOf({ ...factsOf(stats), name, kind: 'link', target, size: 0 }))
  } else if (stats.isFile()) yield* fileOf(path, name, chunks)
}

/** The file may grow or shrink meanwhile: the archive has the size of the file at its opening. */
function* fileOf(path: string, name: string, chunks: Chunks): Generator<Buffer> {
  const file = openSync(bytesOf(path), 'r')
  try {
    const stats = fstatSync(file)
    yield* chunks.add(headerOf({ ...factsOf(stats), name, kind: 'file', size: stats.size }))
    yield* chunks.addFile(file, stats.size)
  } finally {
    closeSync(file)
  }
}

/** Gathers an archive. The methods yield each full chunk, and each chunk that took long. */
class Chunks {
  readonly #memory = Buffer.allocUnsafe(chunkBytes)
  #length = 0
  #startedAt = monotonicMs()

  /** Returns the present chunk, and begins the next in its place. */
  take(): Buffer {
    const chunk = this.#memory.subarray(0, this.#length)
    this.#length = 0
    this.#startedAt = monotonicMs()
    return chunk
  }

  *add(bytes: Buffer): Generator<Buffer> {
    for (let done = 0; done < bytes.length; ) {
      const copied = bytes.copy(this.#memory, this.#length, done)
      done += copied
      yield* this.#grow(copied)
    }
  }

  /** Adds the content of a file, padded to whole blocks. The missing end of a file that shrank is zero. */
  *addFile(file: number, size: number): Generator<Buffer> {
    const padded = paddedLength(size)
    for (let done = 0; done < padded; ) {
      const space = this.#memory.subarray(this.#length, this.#length + padded - done)
      const got = readFully(file, space.subarray(0, Math.max(0, size - done)))
      space.fill(0, got)
      done += space.length
      yield* this.#grow(space.length)
    }
  }

  *#grow(bytes: number): Generator<Buffer> {
    this.#length += bytes
    const isFull = this.#length === chunkBytes
    if (isFull || monotonicMs() - this.#startedAt > longestTurnMs) yield this.take()
  }
}

/** Fills a buffer from a file, and returns the number of bytes read. */
function readFully(file: number, target: Buffer): number {
  let length = 0
  while (length < target.length) {
    const got = readSync(file, target, length, target.length - length, null)
    if (got === 0) break
    length += got
  }
  return length
}

function factsOf({ mode, mtimeMs }: Stats): Pick<Entry, 'mode' | 'modifiedMs'> {
  return { mode: mode & 0o7777, modifiedMs: mtimeMs }
}

/** Returns the header of an entry, after further entries for the values too long for its fields. */
function headerOf(entry: Entry): Buffer {
  const { name, target = '' } = entry
  const blocks = [blockOf(entry)]
  if (target.length > longestField) blocks.unshift(...longEntry('longLink', target))
  if (name.length > longestField) blocks.unshift(...longEntry('longName', name))
  return Buffer.concat(blocks)
}

function longEntry(kind: 'longLink' | 'longName', text: string): Buffer[] {
  const size = text.length + 1
  const content = Buffer.alloc(paddedLength(size))
  content.write(text, 'latin1')
  return [blockOf({ name: '././@LongLink', kind, mode: 0, size, modifiedMs: 0 }), content]
}

function blockOf({ name, kind, target = '', mode, size, modifiedMs }: Entry): Buffer {
  const block = Buffer.alloc(blockBytes)
  block.write(name.slice(0, longestField), 0, 'latin1')
  writeOctal(block, 100, 8, mode)
  writeOctal(block, 108, 8, 0)
  writeOctal(block, 116, 8, 0)
  if (size < largestOctal) writeOctal(block, 124, 12, size)
  else writeLarge(block, size)
  writeOctal(block, 136, 12, Math.max(0, Math.floor(modifiedMs / 1_000)))
  block.write('        ', 148)
  block.write(kinds[kind], 156)
  block.write(target.slice(0, longestField), 157, 'latin1')
  block.write('ustar  ', 257)
  writeOctal(block, 148, 7, sumOf(block))
  return block
}

function sumOf(block: Buffer): number {
  let sum = 0
  for (let at = 0; at < blockBytes; at++) sum += block[at] ?? 0
  return sum
}

function writeOctal(block: Buffer, offset: number, length: number, value: number): void {
  block.write(value.toString(8).padStart(length - 1, '0'), offset)
  block[offset + length - 1] = 0
}

/** Sizes from 8 GiB are binary numbers. */
function writeLarge(block: Buffer, size: number): void {
  block[124] = 0x80
  block.writeBigUInt64BE(BigInt(size), 128)
}

function paddedLength(size: number): number {
  return Math.ceil(size / blockBytes) * blockBytes
}

function bytesOf(path: string): Buffer {
  return Buffer.from(path, 'latin1')
}
