import { later } from '../../kernel/deadline.ts'
import { createDeferred } from '../../kernel/deferred.ts'
import { asError, combineErrors } from '../../kernel/errors.ts'
import type { HealthChange, HealthPlan, RestartPolicy, ServiceHealth } from '../instance/health-check.ts'
import { HealthMonitor } from './health-monitor.ts'
import type { ScriptRun } from './script-run.ts'

/** Why a run is over. */
export type RunFailure =
  | { readonly kind: 'ended'; readonly wasReady: boolean }
  | { readonly kind: 'late' }
  | { readonly kind: 'unhealthy'; readonly lastFailure: string }
  /** A different process has the port. */
  | { readonly kind: 'error'; readonly error: Error }

export interface SupervisorParts {
  readonly health: HealthPlan
  /** Default: no restart. */
  readonly restartPolicy?: RestartPolicy | undefined
  /** Starts `onRun`. @param onReadyLine called for each line `openjd_service_ready` */
  launch(onReadyLine: () => void): ScriptRun
  /** Probes once; returns why the probe failed. @throws when the failure is final */
  probe(run: ScriptRun): Promise<string | undefined>
  /** Returns the error for a failure. */
  describe(run: ScriptRun, failure: RunFailure, lastFailure: string | undefined): Error
  emit(change: HealthChange): void
}

/** Keeps `onRun` running: starts, watches, and restarts within the limits of the policy. */
export class RunSupervisor {
  readonly #parts: SupervisorParts
  readonly #policy: Required<RestartPolicy>
  readonly #firstReady = createDeferred()
  readonly #over = createDeferred()
  #health: ServiceHealth = 'UNREADY'
  #run: ScriptRun | undefined
  #monitor: HealthMonitor | undefined
  #error: Error | undefined
  #isStopping = false
  #restart: HealthChange['restart']
  #living: Promise<void> = Promise.resolve()

  constructor(parts: SupervisorParts) {
    this.#parts = parts
    const { maxAttempts, completedTasks } = parts.restartPolicy ?? {}
    this.#policy = { maxAttempts: maxAttempts ?? 0, completedTasks: completedTasks ?? 'RERUN' }
  }

  get health(): ServiceHealth {
    return this.#health
  }

  get run(): ScriptRun | undefined {
    return this.#run
  }

  /** Resolves when `onRun` will not be restarted any more. */
  get over(): Promise<void> {
    return this.#over.promise
  }

  /** Why the service is not ready any more. */
  get error(): Error | undefined {
    return this.#error
  }

  /** Why the last probe failed. */
  get lastFailure(): string | undefined {
    return this.#monitor?.lastFailure
  }

  /** Starts `onRun`. Resolves when ready. @throws the reason why `onRun` will never be ready */
  start(): Promise<void> {
    // Even the launch may fail, for example on a full disk.
    this.#living = this.#live().catch((thrown) => this.#fail(asError(thrown)))
    return this.#firstReady.promise
  }

  /** Ends `onRun`. @throws ERR_LEFT_BEHIND */
  async stop(forceSignal?: AbortSignal): Promise<void> {
    this.#isStopping = true
    this.#monitor?.stop()
    const errors: Error[] = []
    await this.#run?.stop(forceSignal).catch((thrown) => void errors.push(asError(thrown)))
    await this.#living
    if (errors.length > 0) throw combineErrors(errors)
  }

  async #live(): Promise<void> {
    // Checked right before each launch: a stopped supervisor launches no further run.
    for (let attempt = 1; !this.#isStopping; attempt++) {
      const error = await this.#liveOnce()
      if (!error) break
      if (attempt > this.#policy.maxAttempts) return this.#fail(error)
      this.#restart = { attempt, ...this.#policy }
      this.#report('UNREADY', { reason: error.message })
    }
    this.#over.resolve()
  }

  /** Called when the policy allows no further restart. */
  #fail(error: Error): void {
    this.#error = error
    this.#report('FAILED', { reason: error.message })
    this.#firstReady.reject(error)
    this.#over.resolve()
  }

  /** @returns why this run has failed; `undefined` after a stop */
  async #liveOnce(): Promise<Error | undefined> {
    const monitored = createDeferred<RunFailure>()
    const run = this.#parts.launch(() => this.#monitor?.onReadyLine())
    const monitor = new HealthMonitor(this.#parts.health, () => this.#probe(run, monitored.resolve))
    this.#run = run
    this.#monitor = monitor
    const failure = await Promise.race([monitored.promise, this.#failureOf(run, monitor)])
    monitor.stop()
    if (this.#isStopping) return undefined
    const error = this.#parts.describe(run, failure, monitor.lastFailure)
    this.#error = error
    if (failure.kind === 'unhealthy') this.#report('UNHEALTHY', { reason: error.message })
    // The clean-up tries again, and reports processes still alive.
    await run.stop().catch(() => {})
    return this.#isStopping ? undefined : error
  }

  async #probe(run: ScriptRun, fail: (failure: RunFailure) => void): Promise<string | undefined> {
    try {
      return run.pid === undefined ? 'onRun has not begun' : await this.#parts.probe(run)
    } catch (thrown) {
      fail({ kind: 'error', error: asError(thrown) })
      return asError(thrown).message
    }
  }

  async #failureOf(run: ScriptRun, monitor: HealthMonitor): Promise<RunFailure> {
    const ended = run.ended.then(() => 'ended' as const)
    const first = await Promise.race([ended, monitor.ready, this.#readinessTimeout(run)])
    if (first) return first === 'ended' ? { kind: 'ended', wasReady: false } : { kind: 'late' }
    // The end of the process counts more than the last success.
    if (!run.isAlive) return run.ended.then(() => ({ kind: 'ended', wasReady: false }))
    this.#report('READY')
    this.#error = undefined
    this.#firstReady.resolve()
    const second = await Promise.race([ended, monitor.unhealthy.then((lastFailure) => ({ lastFailure }))])
    return second === 'ended' ? { kind: 'ended', wasReady: true } : { kind: 'unhealthy', ...second }
  }

  #readinessTimeout(run: ScriptRun): Promise<'late'> {
    return new Promise((resolve) => {
      const cancel = later(this.#parts.health.readinessTimeoutMs, () => resolve('late'))
      void run.ended.then(cancel)
    })
  }

  #report(state: ServiceHealth, change: Omit<HealthChange, 'state'> = {}): void {
    this.#health = state
    const restart = state === 'UNREADY' || state === 'READY' ? this.#restart : undefined
    this.#parts.emit({ state, ...change, ...(restart && { restart }) })
  }
}
