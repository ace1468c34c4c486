import { monotonicMs } from '../../kernel/clock.ts'
import { type ErrorSearch, lostConnection } from '../../process/first-error.ts'
import type { SupervisedProcess } from '../../process/supervised-process.ts'

/** Time after a reset of a needed service in which the reset may be the cause of a death. */
const shortlyMs = 5_000

/** A reset of a needed service. */
interface NeedReset {
  readonly label: string
  readonly at: number
  /** End of this service's log at the time of the reset. */
  readonly logPosition: number
}

/** A reset of a needed service, shortly before the death of a process. */
interface FatalReset {
  /** Label of the needed service. */
  readonly label: string
  /** Time from the reset to the death. */
  readonly tookMs: number
  /** How to find the cause of the death in the log. */
  readonly search: ErrorSearch
}

/** The resets that end connections of a process: resets of the service, and of the services needed by the service. */
export class ResetHistory {
  #wasReset = false
  #lastOfNeeded: NeedReset | undefined

  noteOwn(): void {
    this.#wasReset = true
  }

  noteNeeded(label: string, logPosition: number): void {
    this.#lastOfNeeded = { label, at: monotonicMs(), logPosition }
  }

  /** Called for a new process, which no reset of a needed service has met. */
  forgetNeeded(): void {
    this.#lastOfNeeded = undefined
  }

  /** Returns how to find the cause of a failure in the log. A process that lived through a reset has not failed by it. */
  get search(): ErrorSearch {
    return { lostConnections: this.#wasReset || this.#lastOfNeeded ? 'ignore' : 'last' }
  }

  /** Returns the last reset if fatal for the process: death shortly afterwards, with a lost connection in the log. */
  fatalFor({ endedAt, endedHow, log }: SupervisedProcess): FatalReset | undefined {
    const reset = this.#lastOfNeeded
    if (!reset || endedAt === undefined || endedAt - reset.at > shortlyMs) return undefined
    if (endedHow === 'signal SIGKILL') return undefined
    if (!lostConnection.test(log.readFrom(reset.logPosition))) return undefined
    return {
      label: reset.label,
      tookMs: Math.ceil(endedAt - reset.at),
      search: { mark: reset.logPosition, lostConnections: 'count' },
    }
  }
}
