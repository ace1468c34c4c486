import { AsyncLocalStorage } from 'node:async_hooks'
import { asError } from '../kernel/errors.ts'

const events = ['unhandledRejection', 'uncaughtException'] as const

/** Called with an error, and with the source of the work that threw the error if Node knows. */
type OnForgotten<Source> = (error: Error, source: Source | undefined) => void

/**
 * The errors that the scripts of a run throw aside: in a timer, or in a promise that nobody waits for. Such an error
 * would end this process, and with it the run.
 */
export class ForgottenErrors<Source> {
  readonly #source = new AsyncLocalStorage<Source>()

  /** Runs work whose errors are known as those of a source, also when the work is over. */
  runAs<T>(source: Source, work: () => T): T {
    return this.#source.run(source, work)
  }

  /** Catches errors until the disposal. */
  listen(onError: OnForgotten<Source>): Disposable {
    const listener = (thrown: unknown): void => onError(asError(thrown), this.#source.getStore())
    for (const event of events) process.on(event, listener)
    return {
      [Symbol.dispose]: () => {
        for (const event of events) process.off(event, listener)
      },
    }
  }
}
