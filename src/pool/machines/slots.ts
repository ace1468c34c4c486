import { createDeferred, type Deferred } from '../../kernel/deferred.ts'
import { onAbort } from '../../kernel/on-abort.ts'

/** Counts the free slots of a provisioner. Waiting calls get a slot in the order of arrival. */
export class Slots {
  readonly #waiting: Deferred<void>[] = []
  readonly #count: () => number
  #taken = 0

  /** @param count returns the present number of slots */
  constructor(count: () => number) {
    this.#count = count
  }

  /** Takes a free slot, or waits. Rejects with the reason of the signal once the signal has fired. */
  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#taken < this.#count()) {
      this.#taken++
      return
    }
    const turn = createDeferred()
    this.#waiting.push(turn)
    using _listening = onAbort(signal, () => this.#forget(turn, signal.reason))
    await turn.promise
  }

  /** Gives a slot to the longest-waiting call. */
  give(): void {
    this.#taken--
    if (this.#taken >= this.#count()) return
    const next = this.#waiting.shift()
    if (!next) return
    this.#taken++
    next.resolve()
  }

  /** Rejects a waiting call, unless the call has a slot already. */
  #forget(turn: Deferred<void>, reason: Error): void {
    const index = this.#waiting.indexOf(turn)
    if (index === -1) return
    this.#waiting.splice(index, 1)
    turn.reject(reason)
  }
}
