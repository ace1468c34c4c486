import { asError } from '../kernel/errors.ts'
import type { ActionPlan, ActionSurroundings } from './action-plan.ts'
import type { ActionProcess } from './action-process.ts'
import { removeCancelInfo, taskGraceMs, writeCancelInfo } from './cancelation.ts'
import { Grace } from './grace.ts'

/**
 * The end of a canceled action: a notice and a grace, if the cancelation has a grace, then the kill. A later call can
 * only shorten the grace.
 */
export class ActionStop {
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

  /** Sets an upper limit for the grace. */
  limit(graceMs: number = Number.POSITIVE_INFINITY): void {
    this.#graceMs = Math.min(this.#graceMs, graceMs)
  }

  /** Begins the grace, or applies a shorter grace. */
  begin(process: ActionProcess): void {
    if (this.#grace.shorten(this.#graceMs) && this.#graceMs > 0) this.#notify(process)
  }

  /** Ends all processes started by the action. */
  kill(): Promise<void> {
    this.#killing ??= this.#around.group.kill()
    // The caller of `run` gets the error.
    this.#killing.catch(() => {})
    return this.#killing
  }

  /** Called when the action is over. Returns the error of the kill, if any. */
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

  /** Sends the signal once. A later, shorter grace only changes the file. */
  #notify(process: ActionProcess): void {
    const { directory, owner, onNote } = this.#around
    try {
      writeCancelInfo(directory, this.#graceMs, owner)
    } catch (thrown) {
      // The action has to end even on a full disk; the signal carries the most important part of the notice.
      onNote?.('WARNING', `cannot write when the grace ends: ${asError(thrown).message}`)
    }
    if (!this.#isNotified) process.signal('SIGTERM')
    this.#isNotified = true
  }
}
