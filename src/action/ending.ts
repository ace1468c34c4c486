import { asError } from '../kernel/errors.ts'
import type { ActionPlan, ActionSurroundings } from './action-plan.ts'
import type { ActionProcess } from './action-process.ts'
import { removeCancelInfo, taskGraceMs, writeCancelInfo } from './cancelation.ts'
import { Grace } from './grace.ts'

/** How a canceled action is made to end: a notice and a grace if it has one, then the kill. It can only become quicker. */
export class Ending {
  readonly #around: ActionSurroundings
  readonly #grace = new Grace(() => void this.kill())
  #graceMs: number
  #isNotified = false
  #killing: Promise<void> | undefined

  constructor({ cancelation = { mode: 'terminate' } }: ActionPlan, around: ActionSurroundings) {
    this.#around = around
    const { defaultGraceMs = taskGraceMs } = around
    this.#graceMs = cancelation.mode === 'terminate' ? 0 : (cancelation.graceMs ?? defaultGraceMs)
  }

  /** The grace is at most this. */
  limit(graceMs: number = Number.POSITIVE_INFINITY): void {
    this.#graceMs = Math.min(this.#graceMs, graceMs)
  }

  /** Begins, or goes on with a grace that has become shorter. */
  begin(process: ActionProcess): void {
    if (this.#grace.shorten(this.#graceMs) && this.#graceMs > 0) this.#notify(process)
  }

  /** Ends everything that the action has started. */
  kill(): Promise<void> {
    this.#killing ??= this.#around.scope.kill()
    // Who waits for the action gets the error.
    this.#killing.catch(() => {})
    return this.#killing
  }

  /** The action is over: gives why something of it could not be killed. */
  async finish(): Promise<Error | undefined> {
    this.#grace.dismiss()
    this.#forgetNotice()
    const failure = await this.#killing?.catch(asError)
    return failure ?? undefined
  }

  #forgetNotice(): void {
    const { directory, owner, onNote } = this.#around
    try {
      if (this.#isNotified) removeCancelInfo(directory, owner)
    } catch (thrown) {
      onNote?.('WARNING', `cannot remove cancel_info.json: ${asError(thrown).message}`)
    }
  }

  /** The signal comes once; of a shorter grace only the file tells. */
  #notify(process: ActionProcess): void {
    const { directory, owner, onNote } = this.#around
    try {
      writeCancelInfo(directory, this.#graceMs, owner)
    } catch (thrown) {
      // On a full disk too it is to end; the signal says the most important part.
      onNote?.('WARNING', `cannot write when the grace ends: ${asError(thrown).message}`)
    }
    if (!this.#isNotified) process.signal('SIGTERM')
    this.#isNotified = true
  }
}
