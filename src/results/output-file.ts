import { type FileHandle, open } from 'node:fs/promises'

/**
 * The output of an attempt, written in the order of the chunks. Chunks arriving during a write are written together:
 * a command with short lines costs few writes.
 */
export class OutputFile {
  readonly path: string
  #file: FileHandle | undefined
  #waiting: Uint8Array[] = []
  /** The write for the waiting chunks. */
  #next: Promise<void> | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(path: string) {
    this.path = path
  }

  /** Resolves once the chunk is written; a waiting caller keeps the memory bounded. */
  write(chunk: Uint8Array): Promise<void> {
    this.#waiting.push(chunk)
    this.#next ??= this.#writeAfter(this.#running)
    return this.#next
  }

  #writeAfter(running: Promise<void>): Promise<void> {
    const write = async (): Promise<void> => {
      this.#next = undefined
      const chunks = this.#waiting
      this.#waiting = []
      this.#file ??= await open(this.path, 'a')
      const [only] = chunks
      await this.#file.appendFile(only && chunks.length === 1 ? only : Buffer.concat(chunks))
    }
    // The caller of a failed write knows of the failure.
    const next = running.then(write, write)
    this.#running = next
    return next
  }

  /** @returns whether there is any output */
  async close(): Promise<boolean> {
    await this.#running.catch(() => {}) // told to the caller of `write`
    await this.#file?.close()
    return this.#file !== undefined
  }
}
