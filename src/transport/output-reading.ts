import type { Readable } from 'node:stream'
import { settlesWithin } from '../kernel/deadline.ts'
import { hasCode } from '../kernel/errors.ts'
import type { Sink } from './transport.ts'

/** How long an output may stay open and silent after the end of its known holders. */
const heldOutputMs = 5_000

/** Reads an output of a command; the next chunk is read once the sink has taken the last chunk. */
export class OutputReading {
  /** Rejects with the error of the sink. */
  readonly done: Promise<void>
  readonly #stream: Readable
  readonly #sink: Sink
  #chunks = 0
  #isTaking = false

  constructor(stream: Readable, sink: Sink) {
    this.#stream = stream
    this.#sink = sink
    this.done = this.#read()
    // The command's end waits for `done`; an earlier failure must not be unhandled meanwhile.
    this.done.catch(() => {})
  }

  /** Waits for the end of the output; gives up on an output held open by an unknown process that does not write. */
  async finish(): Promise<void> {
    for (let seen = -1; !(await settlesWithin(this.done, heldOutputMs)); seen = this.#chunks)
      if (this.#chunks === seen && !this.#isTaking) this.#stream.destroy()
    await this.done
  }

  async #read(): Promise<void> {
    try {
      for await (const chunk of this.#stream) await this.#take(chunk)
    } catch (thrown) {
      if (!hasCode(thrown, 'ERR_STREAM_PREMATURE_CLOSE')) throw thrown
    }
  }

  async #take(chunk: Uint8Array): Promise<void> {
    this.#chunks++
    this.#isTaking = true
    try {
      await this.#sink(chunk)
    } finally {
      this.#isTaking = false
    }
  }
}
