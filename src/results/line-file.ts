import { closeSync, fstatSync, ftruncateSync, openSync, writeFileSync } from 'node:fs'

/**
 * A file of JSON lines that always ends with a whole line. Lines are written at once and not synced: they outlive every
 * process. Lines for which the disk has no room are kept, and written with the next ones.
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
    this.#waiting += rows.map((row) => `${JSON.stringify(row)}\n`).join('')
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

  /** Tries once more to write the lines that are kept. */
  close(): void {
    try {
      this.#write()
    } finally {
      closeSync(this.#descriptor)
    }
  }
}
