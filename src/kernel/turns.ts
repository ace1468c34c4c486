/** Does works one by one, in the order of the calls. The next work begins even if a work has failed. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  /** Resolves when all works so far have ended. */
  get idle(): Promise<unknown> {
    return this.#last
  }

  do<T>(work: () => Promise<T> | T): Promise<T> {
    const done = this.#last.then(work)
    // The caller gets the error.
    this.#last = done.catch(() => {})
    return done
  }
}
