import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { relative, sep } from 'node:path'
import type { Excerpt, ReportFile } from './report-data.ts'

/** Bytes of a text that a page shows, from its beginning and its end. */
const headBytes = 4 * 1024
const tailBytes = 28 * 1024
/** Bytes of all excerpts of a page: it has to open quickly. */
const pageBytes = 12 * 1024 * 1024

/** Reads files for a page, until the page has enough of them. */
export class Excerpts {
  readonly #directory: string
  #left = pageBytes

  /** @param directory of the page */
  constructor(directory: string) {
    this.#directory = directory
  }

  /** @param isShown whether the page shows the text, as opposed to a link */
  file(name: string, path: string, isShown: boolean): ReportFile {
    const descriptor = openSync(path, 'r')
    try {
      const { size } = fstatSync(descriptor)
      const wanted = Math.min(size, headBytes + tailBytes)
      const excerpt = isShown && size > 0 && wanted <= this.#left ? readExcerpt(descriptor, size) : undefined
      if (excerpt) this.#left -= wanted
      return { name, href: this.#hrefOf(path), size, excerpt }
    } finally {
      closeSync(descriptor)
    }
  }

  #hrefOf(path: string): string {
    return relative(this.#directory, path).split(sep).map(encodeURIComponent).join('/')
  }
}

/** Returns `undefined` for what is no text. */
function readExcerpt(descriptor: number, size: number): Excerpt | undefined {
  const cutBytes = Math.max(0, size - headBytes - tailBytes)
  const head = cutBytes > 0 ? readPart(descriptor, 0, headBytes) : Buffer.alloc(0)
  const tail = readPart(descriptor, cutBytes > 0 ? size - tailBytes : 0, Math.min(size, tailBytes + headBytes))
  if (head.includes(0) || tail.includes(0)) return undefined
  return { head: textOf(head), cutBytes, tail: textOf(tail) }
}

function readPart(descriptor: number, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length)
  return buffer.subarray(0, readSync(descriptor, buffer, 0, length, position))
}

/** Decodes a part of a text, without the broken characters at its ends. */
function textOf(bytes: Buffer): string {
  return bytes.toString().replace(/^\ufffd{1,3}|\ufffd{1,3}$/g, '')
}
