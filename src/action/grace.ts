import { sleep } from '../kernel/deadline.ts'

/** The time that is left to something which has been asked to end. It can only become shorter. */
export class Grace {
  readonly #onEnd: () => void
  #endsAt = Number.POSITIVE_INFINITY
  #timer = new AbortController()

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd
  }

  /** Gives whether that made it shorter. At 0 it ends at once. */
  shorten(ms: number): boolean {
    const endsAt = performance.now() + ms
    if (endsAt >= this.#endsAt) return false
    this.#endsAt = endsAt
    this.#timer.abort()
    this.#timer = new AbortController()
    if (ms === 0) this.#onEnd()
    else sleep(ms, this.#timer.signal).then(this.#onEnd, () => {})
    return true
  }

  /** Nobody waits any more. */
  dismiss(): void {
    this.#timer.abort()
  }
}
