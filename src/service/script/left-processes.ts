import type { ActionGroup } from '../../action/action-group.ts'
import { isAlive, type ProcessIdentity } from '../../process/inspect/identity.ts'
import { unlessExhausted } from '../../process/inspect/unless-unreadable.ts'

/** The processes left running by the `onEnter` of a script. */
export class LeftProcesses {
  readonly #group: ActionGroup
  #known: readonly ProcessIdentity[] = []

  constructor(group: ActionGroup) {
    this.#group = group
  }

  /** Remembers the present processes. */
  observe(): void {
    this.#known = this.#find() ?? []
  }

  /** Whether processes were left, and all have ended, with all descendants. */
  get areLost(): boolean {
    if (this.#known.length === 0 || this.#known.some(isAlive)) return false
    const present = this.#find()
    if (present && present.length > 0) this.#known = present
    return present?.length === 0
  }

  #find(): ProcessIdentity[] | undefined {
    return unlessExhausted(() => this.#group.findProcesses())
  }
}
