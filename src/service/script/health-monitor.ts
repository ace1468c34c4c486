import { later } from '../../kernel/deadline.ts'
import { createDeferred } from '../../kernel/deferred.ts'
import type { HealthPlan } from '../instance/health-check.ts'

/** Why a probe failed; `undefined` after a success. */
type Outcome = string | undefined

/**
 * Watches a run of `onRun`: first until ready, then for as long as the run is healthy. The timers do not keep this
 * process alive.
 */
export class HealthMonitor {
  readonly #plan: HealthPlan
  readonly #probe: () => Promise<Outcome>
  readonly #ready = createDeferred()
  readonly #unhealthy = createDeferred<string>()
  #isReady = false
  #isOver = false
  #failures = 0
  #lastFailure: string | undefined
  #endPause = (): void => {}

  /** @param probe probes once; not called for the type `STDOUT` */
  constructor(plan: HealthPlan, probe: () => Promise<Outcome>) {
    this.#plan = plan
    this.#probe = probe
    if (plan.type !== 'STDOUT') void this.#probeOn()
  }

  /** Resolves at the first success. */
  get ready(): Promise<void> {
    return this.#ready.promise
  }

  /** Resolves with the last failure, after too many failures in a row. */
  get unhealthy(): Promise<string> {
    return this.#unhealthy.promise
  }

  get lastFailure(): string | undefined {
    return this.#lastFailure
  }

  /** Called for each line `openjd_service_ready`, the probe of the type `STDOUT`. */
  onReadyLine(): void {
    if (this.#plan.type !== 'STDOUT' || this.#isOver) return
    this.#take(undefined)
    this.#expectHeartbeat()
  }

  /** Stops watching. */
  stop(): void {
    this.#isOver = true
    this.#endPause()
  }

  async #probeOn(): Promise<void> {
    while (!this.#isOver) {
      const outcome = await this.#probe()
      if (this.#isOver) return
      this.#take(outcome)
      await this.#pause()
    }
  }

  #pause(): Promise<void> {
    const { readinessIntervalMs, healthIntervalMs } = this.#plan
    const ms = this.#isReady ? (healthIntervalMs ?? Number.POSITIVE_INFINITY) : readinessIntervalMs
    return new Promise((resolve) => {
      const cancel = later(ms, resolve)
      this.#endPause = () => {
        cancel()
        resolve()
      }
      if (this.#isOver) this.#endPause()
    })
  }

  /** Counts each interval without a line as a failed probe. */
  #expectHeartbeat(): void {
    const { healthIntervalMs } = this.#plan
    this.#endPause()
    if (healthIntervalMs === undefined || this.#isOver) return
    this.#endPause = later(healthIntervalMs, () => {
      this.#take(`no "openjd_service_ready: …" within ${healthIntervalMs} ms`)
      this.#expectHeartbeat()
    })
  }

  #take(outcome: Outcome): void {
    if (outcome !== undefined) this.#lastFailure = outcome
    if (!this.#isReady) {
      this.#isReady = outcome === undefined
      if (this.#isReady) this.#ready.resolve()
      return
    }
    this.#failures = outcome === undefined ? 0 : this.#failures + 1
    if (outcome === undefined || this.#failures < this.#plan.failureThreshold) return
    this.stop()
    this.#unhealthy.resolve(outcome)
  }
}
