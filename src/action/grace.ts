import { monotonicMs } from '../kernel/clock.ts'
import { sleep } from '../kernel/deadline.ts'

/** The time that is left to something which has been asked to end. It can only become shorter. */
export class Grace {
  readonly #onEnd: () => void
  #endsAt: number | undefined
  #timer = new AbortController()

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd
  }

  /** Begins the grace, or shortens it; gives whether it did. At 0 the grace ends at once, at `Infinity` never. */
  shorten(ms: number): boolean {
    const endsAt = monotonicMs() + ms
    if (this.#endsAt !== undefined && endsAt >= this.#endsAt) return false
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
