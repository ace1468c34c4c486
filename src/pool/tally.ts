import { monotonicMs } from '../kernel/clock.ts'
import type { RunOutcome, RunSummary } from '../results/result-sink.ts'
import type { AttemptState } from '../results/rows.ts'

/** Facts known only at the end of a run. */
export interface RunEnd {
  readonly isCanceled: boolean
  readonly notRun: number
  readonly reason: string | null
  readonly leftBehind: readonly string[]
}

/** Counts the tests of a run. */
export class Tally {
  #attempts = 0
  readonly #beganAt = monotonicMs()
  readonly #counts = { passed: 0, failed: 0, infra: 0 }

  get done(): number {
    const { passed, failed, infra } = this.#counts
    return passed + failed + infra
  }

  add(state: AttemptState, counts: boolean): void {
    this.#attempts++
    if (counts && (state === 'passed' || state === 'failed' || state === 'infra')) this.#counts[state]++
  }

  summary({ isCanceled, notRun, reason, leftBehind }: RunEnd): RunSummary {
    const outcome = isCanceled ? 'canceled' : this.#outcome(notRun)
    const durationMs = Math.round(monotonicMs() - this.#beganAt)
    return { outcome, ...this.#counts, notRun, attempts: this.#attempts, durationMs, reason, leftBehind }
  }

  #outcome(notRun: number): RunOutcome {
    if (this.#counts.failed > 0) return 'failed'
    return this.#counts.infra + notRun > 0 ? 'infra' : 'passed'
  }
}
