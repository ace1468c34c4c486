import { monotonicMs } from '../kernel/clock.ts'
import { sleep } from '../kernel/deadline.ts'

/** Remaining time of an action that was asked to end. Can only become shorter. */
export class Grace {
  readonly #onEnd: () => void
  #endsAt: number | undefined
  #timer = new AbortController()

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd
  }

  /**
   * Begins or shortens the grace; returns whether the call changed the end. A grace of 0 ends at once, `Infinity`
   * never.
   */
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

  /** Stops the timer: `onEnd` is not called any more. */
  dismiss(): void {
    this.#timer.abort()
  }
}
