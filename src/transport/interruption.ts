import { createDeferred } from '../kernel/deferred.ts'
import { asError } from '../kernel/errors.ts'

/** The first reason to end a running command early. */
export class Interruption {
  readonly #happened = createDeferred()
  #reason: Error | undefined

  /** Resolves at the first report. */
  get happened(): Promise<void> {
    return this.#happened.promise
  }

  /** Reports a reason; later reasons are ignored. */
  readonly report = (thrown: unknown): void => {
    this.#reason ??= asError(thrown)
    this.#happened.resolve()
  }

  /** @throws the reported reason */
  check(): void {
    if (this.#reason) throw this.#reason
  }
}
