import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import type { RunningAttempt } from './pool-test.ts'

/** Most bytes in memory before a test has to wait. */
const heldBytes = 256 * 1024

/** A file sent piece by piece by a test, and stored meanwhile. */
export class StoredFile {
  readonly #stream = new PassThrough({ highWaterMark: heldBytes })
  readonly #stored: Promise<void>

  constructor(attempt: Pick<RunningAttempt, 'store'>, name: string, result: string | undefined) {
    this.#stream.on('error', () => {})
    this.#stored = attempt.store({ name, content: this.#stream }, result)
    // A writer waiting for the stream would wait for ever.
    this.#stored.catch(() => this.#stream.destroy())
  }

  /** Waits while too much is held in memory. @throws the error of the storage */
  async write(chunk: Uint8Array): Promise<void> {
    if (this.#stream.write(chunk)) return
    const full = new AbortController()
    const drained = once(this.#stream, 'drain', { signal: full.signal }).catch(() => {})
    await Promise.race([drained, this.#stored]).finally(() => full.abort())
  }

  /** Ends the file, also if parts are missing, and waits for the storage. @throws the error of the storage */
  async end(): Promise<void> {
    this.#stream.end()
    await this.#stored
  }
}
