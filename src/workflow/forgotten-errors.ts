import { setImmediate } from '../kernel/clock.ts'
import { asError } from '../kernel/errors.ts'

/** Catches the rejections of promises that a script has forgotten: they would end this process, and with it the run. */
export class ForgottenErrors implements Disposable {
  readonly #listener: (reason: unknown) => void

  constructor(onError: (error: Error) => void) {
    this.#listener = (reason) => onError(asError(reason))
    process.on('unhandledRejection', this.#listener)
  }

  /** Resolves when all rejections up to now are reported. */
  async allReported(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
  }

  [Symbol.dispose](): void {
    process.off('unhandledRejection', this.#listener)
  }
}
