import { closeSync, fstatSync, ftruncateSync, openSync, writeFileSync } from 'node:fs'

/**
 * A file of JSON lines; the last line is always whole. Lines are written at once and not synced, and outlive every
 * process. Lines without room on the disk are kept, and written with the next lines.
 */
export class LineFile {
  readonly #descriptor: number
  #length: number
  #waiting = ''

  constructor(path: string) {
    this.#descriptor = openSync(path, 'a')
    this.#length = fstatSync(this.#descriptor).size
  }

  append(rows: readonly unknown[]): void {
    this.#waiting += linesOf(rows)
    this.#write()
  }

  #write(): void {
    const bytes = Buffer.from(this.#waiting)
    try {
      writeFileSync(this.#descriptor, bytes)
    } catch (thrown) {
      ftruncateSync(this.#descriptor, this.#length)
      throw thrown
    }
    this.#length += bytes.length
    this.#waiting = ''
  }

  /** Tries once more to write the kept lines. */
  close(): void {
    try {
      this.#write()
    } finally {
      closeSync(this.#descriptor)
    }
  }
}

export function linesOf(rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('')
}
