/** The work of a transport that is under way. */
export class RunningWork {
  readonly #running = new Set<Promise<unknown>>()

  /** Returns the same promise. */
  hold<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work)
    const forget = (): boolean => this.#running.delete(work)
    work.then(forget, forget)
    return work
  }

  /** Waits until all work has ended, in whatever way. */
  async end(): Promise<void> {
    await Promise.allSettled(this.#running)
  }
}
