import type { Action } from '../../action/action.ts'
import type { ActionGroup } from '../../action/action-group.ts'
import type { ActionStatus } from '../../action/action-plan.ts'
import { isOver } from '../../action/action-state.ts'
import { asError } from '../../kernel/errors.ts'
import { onAbort } from '../../kernel/on-abort.ts'
import { isAlive } from '../../process/inspect/identity.ts'

/** One run of `onRun`, from the start until all processes of the run have ended. */
export class ScriptRun {
  readonly #action: Action
  /** Resolves with the last status after any kind of end. */
  readonly ended: Promise<ActionStatus>
  readonly #over = new AbortController()
  #left: Error | undefined

  /** @param group group of this run alone */
  constructor(action: Action, group: ActionGroup) {
    this.#action = action
    this.ended = this.#run(group).finally(() => this.#over.abort())
  }

  /** Fires at the end of the run. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  get pid(): number | undefined {
    return this.#action.identity?.pid
  }

  get status(): ActionStatus {
    return this.#action.status
  }

  /** Whether the action of the run is over. */
  get isOver(): boolean {
    return isOver(this.#action.status.state)
  }

  /** Whether the main process is running. The process table knows of an end before the event loop does. */
  get isAlive(): boolean {
    const { identity } = this.#action
    return identity !== undefined && isAlive(identity)
  }

  /**
   * Cancels the run by its own cancelation, and waits until all processes have ended.
   *
   * @param forceSignal kills the run once fired
   * @throws ERR_LEFT_BEHIND
   */
  async stop(forceSignal?: AbortSignal): Promise<void> {
    if (!forceSignal?.aborted) this.#action.cancel()
    using _listening = onAbort(forceSignal, () => this.#action.cancel({ graceMs: 0 }))
    await this.ended
    if (this.#left) throw this.#left
  }

  async #run(group: ActionGroup): Promise<ActionStatus> {
    for (const work of [() => this.#action.run(), () => group.end()]) {
      await work().catch((thrown) => {
        this.#left = asError(thrown)
      })
    }
    return this.#action.status
  }
}
