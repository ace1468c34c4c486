import { monotonicMs } from '../../kernel/clock.ts'

const leastBytes = 32 * 1024
const firstBytes = 128 * 1024
/** Twice the window of a channel in sshd: the window alone limits a fast link, while the answer to a probe is awaited. */
const mostBytes = 4 * 1024 * 1024
const mostChunkBytes = 256 * 1024
/** Answers within the short time allow more bytes on the way, answers after the long time fewer. */
const shortMs = 200
const longMs = 800

/**
 * Keeps the bytes on the way to the far side few enough to arrive within about a second. The beats to the keeper wait
 * behind these bytes: over a slow link, late beats would end all commands.
 */
export class Pace {
  readonly #probe: () => Promise<void>
  #limit = firstBytes
  #sent = 0
  #arrived = 0
  #probing: Promise<void> | undefined

  /** @param probe resolves when the far side has received everything sent before, or the connection is lost */
  constructor(probe: () => Promise<void>) {
    this.#probe = probe
  }

  /** Passes bytes on, as fast as the far side receives the bytes of all sources. */
  async *through(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const bytes of source)
      for (let done = 0; done < bytes.length; ) {
        const chunk = bytes.subarray(done, done + Math.min(this.#limit / 2, mostChunkBytes))
        done += chunk.length
        yield chunk
        this.#sent += chunk.length
        await this.#room()
      }
  }

  async #room(): Promise<void> {
    this.#probing ??= this.#measure()
    while (this.#sent - this.#arrived > this.#limit) {
      await this.#probing
      this.#probing ??= this.#measure()
    }
  }

  async #measure(): Promise<void> {
    const [sent, startedAt] = [this.#sent, monotonicMs()]
    await this.#probe()
    const tookMs = monotonicMs() - startedAt
    if (tookMs < shortMs) this.#limit = Math.min(this.#limit * 2, mostBytes)
    if (tookMs > longMs) this.#limit = Math.max(this.#limit / 2, leastBytes)
    this.#arrived = sent
    this.#probing = undefined
  }
}
