import { Deadline, sleep } from '../kernel/deadline.ts'

/** For all exits together, from the moment on in which nobody wants to wait any more. */
const hurriedMs = 2_000
/** So that a quick one can do its work, however slow those before it were. */
const leastMs = 250

/**
 * What undoes something outside, such as an exit, is begun in a hurry too: nobody else would do it. But it gets only
 * its part of the little time that is left for all of them.
 */
export class HurriedExits {
  readonly #hurry: AbortSignal | undefined
  #time: Deadline | undefined

  constructor(hurry: AbortSignal | undefined) {
    this.#hurry = hurry
  }

  /**
   * Runs an exit.
   *
   * @param toCome how many have to share the time, this one included
   * @param exit its signal fires when its part is over
   */
  async run<T>(toCome: number, exit: (kill: AbortSignal) => Promise<T>): Promise<T> {
    const part = new AbortController()
    const over = new AbortController()
    const begin = (): void => {
      this.#time ??= new Deadline('exiting in a hurry', hurriedMs)
      sleep(Math.max(leastMs, this.#time.remainingMs / toCome), over.signal).then(
        () => part.abort(),
        () => {},
      )
    }
    if (this.#hurry?.aborted) begin()
    this.#hurry?.addEventListener('abort', begin, { once: true, signal: over.signal })
    try {
      return await exit(part.signal)
    } finally {
      over.abort()
    }
  }
}
