import { setImmediate } from '../kernel/clock.ts'
import { asError } from '../kernel/errors.ts'

const events = ['unhandledRejection', 'uncaughtException'] as const

/**
 * Catches the errors that the scripts of a run have thrown aside: in a timer, or in a promise that nobody waits for.
 * Such an error would end this process, and with it the run.
 */
export class ForgottenErrors implements Disposable {
  readonly #listener: (thrown: unknown) => void

  constructor(onError: (error: Error) => void) {
    this.#listener = (thrown) => onError(asError(thrown))
    for (const event of events) process.on(event, this.#listener)
  }

  [Symbol.dispose](): void {
    for (const event of events) process.off(event, this.#listener)
  }
}

/** Resolves when all rejections up to now are reported. */
export async function allReported(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}
