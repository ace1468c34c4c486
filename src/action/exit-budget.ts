import { Deadline, sleep } from '../kernel/deadline.ts'
import { onAbort } from '../kernel/on-abort.ts'

/** Total time for all exits, from the moment when the user no longer wants to wait. */
const forcedMs = 2_000
/** Least time per exit, so that a quick exit can finish, however slow the earlier exits were. */
const leastMs = 250

/**
 * Time limits for exits when the user no longer wants to wait. Exits still begin then, since a skipped exit would leave
 * its effects behind. Each exit gets its share of the short time left for all.
 */
export class ExitBudget {
  readonly #forceSignal: AbortSignal | undefined
  #time: Deadline | undefined

  constructor(forceSignal: AbortSignal | undefined) {
    this.#forceSignal = forceSignal
  }

  /**
   * Runs an exit.
   *
   * @param toCome number of exits still to run, including this exit; they share the time
   * @param exit gets a signal, fired at the end of the exit's share
   */
  async run<T>(toCome: number, exit: (kill: AbortSignal) => Promise<T>): Promise<T> {
    const part = new AbortController()
    const over = new AbortController()
    using _listening = onAbort(this.#forceSignal, () => {
      this.#time ??= new Deadline('forced exits', forcedMs)
      sleep(Math.max(leastMs, this.#time.remainingMs / toCome), over.signal).then(
        () => part.abort(),
        () => {},
      )
    })
    try {
      return await exit(part.signal)
    } finally {
      over.abort()
    }
  }
}
