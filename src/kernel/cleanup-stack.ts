import { asError } from './errors.ts'

type CleanUp = () => Promise<void> | void

/**
 * Runs clean-ups in the reverse order of acquisition. Attempts every clean-up, even when an earlier clean-up throws.
 *
 * @see https://github.com/testing-cabal/fixtures `callmany.py`, where the idea comes from
 */
export class CleanUpStack implements AsyncDisposable {
  readonly #cleanUps: CleanUp[] = []

  add(cleanUp: CleanUp): void {
    this.#cleanUps.push(cleanUp)
  }

  /** Runs and forgets every clean-up; returns the errors, first thrown first. */
  async run(): Promise<Error[]> {
    const errors: Error[] = []
    for (let next = this.#cleanUps.pop(); next; next = this.#cleanUps.pop()) {
      try {
        await next()
      } catch (thrown) {
        errors.push(asError(thrown))
      }
    }
    return errors
  }

  /** Moves every clean-up to a new stack and empties this stack. */
  move(): CleanUpStack {
    const owner = new CleanUpStack()
    owner.#cleanUps.push(...this.#cleanUps.splice(0))
    return owner
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const errors = await this.run()
    if (errors.length > 0) throw new AggregateError(errors, errors.map((error) => error.message).join('\n'))
  }
}
