import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { relative, sep } from 'node:path'
import type { Excerpt, ReportFile } from './report-data.ts'

/** Bytes of a text shown on a page, from the beginning and the end. */
const headBytes = 4 * 1024
const tailBytes = 28 * 1024
/** Bytes of all excerpts of a page: the page has to open quickly. */
const pageBytes = 12 * 1024 * 1024

/** Reads files for a page, until the page has enough bytes. */
export class Excerpts {
  readonly #directory: string
  #left = pageBytes

  /** @param directory of the page */
  constructor(directory: string) {
    this.#directory = directory
  }

  /** @param isShown whether the page shows the text, as opposed to a link */
  file(name: string, path: string, isShown: boolean): ReportFile {
    const { size } = statSync(path)
    const wanted = Math.min(size, headBytes + tailBytes)
    const excerpt = isShown && size > 0 && wanted <= this.#left ? readExcerpt(path, size) : undefined
    if (excerpt) this.#left -= wanted
    return { name, href: this.#hrefOf(path), size, excerpt }
  }

  #hrefOf(path: string): string {
    return relative(this.#directory, path).split(sep).map(encodeURIComponent).join('/')
  }
}

/** Returns the excerpt of a text; `undefined` for a binary file. */
function readExcerpt(path: string, size: number): Excerpt | undefined {
  const cutBytes = Math.max(0, size - headBytes - tailBytes)
  const [head, tail] = readParts(path, [
    { position: 0, length: cutBytes > 0 ? headBytes : 0 },
    cutBytes > 0 ? { position: size - tailBytes, length: tailBytes } : { position: 0, length: size },
  ])
  if (!head || !tail || head.includes(0) || tail.includes(0)) return undefined
  return { head: textOf(head), cutBytes, tail: textOf(tail) }
}

function readParts(path: string, parts: readonly { readonly position: number; readonly length: number }[]): Buffer[] {
  const descriptor = openSync(path, 'r')
  try {
    return parts.map(({ position, length }) => {
      const buffer = Buffer.alloc(length)
      return buffer.subarray(0, readSync(descriptor, buffer, 0, length, position))
    })
  } finally {
    closeSync(descriptor)
  }
}

/** Decodes a part of a text, without the broken characters at both ends. */
function textOf(bytes: Buffer): string {
  return bytes.toString().replace(/^\ufffd{1,3}|\ufffd{1,3}$/g, '')
}
