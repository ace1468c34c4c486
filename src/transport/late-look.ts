import type { ActionGroup } from '../action/action-group.ts'
import { later } from '../kernel/deadline.ts'
import { asError, combineErrors } from '../kernel/errors.ts'
import { PidInstant } from '../process/inspect/younger.ts'
import { valuesOf } from '../process/marks.ts'
import { instanceVariable } from '../run/run-record.ts'

/** How long after the end of a command the look comes. */
const lookAfterMs = 500

/** One look at all processes, for all commands that have ended meanwhile: a look costs as much as a short command. */
export class LateLook {
  readonly #since = new PidInstant()
  readonly #errors: Error[] = []
  #groups: ActionGroup[] = []
  #cancel: (() => void) | undefined
  #looking: Promise<void> = Promise.resolve()

  /** Takes over the group of a command that has ended. */
  add(group: ActionGroup): void {
    this.#groups.push(group)
    this.#cancel ??= later(lookAfterMs, () => this.#look())
  }

  /** Looks for the last time. @throws ERR_LEFT_BEHIND for processes found by this or an earlier look */
  async close(): Promise<void> {
    if (this.#groups.length > 0) this.#look()
    await this.#looking
    if (this.#errors.length > 0) throw combineErrors(this.#errors)
  }

  #look(): void {
    this.#cancel?.()
    this.#cancel = undefined
    const groups = this.#groups
    this.#groups = []
    const found = valuesOf(instanceVariable, this.#since)
    const ends = groups.map((group) => (found.has(group.instance) ? group.end() : group.forget()))
    const ended = Promise.all(ends.map((end) => end.catch((thrown) => this.#errors.push(asError(thrown)))))
    this.#looking = Promise.all([this.#looking, ended]).then(() => {})
  }
}
