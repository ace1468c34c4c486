import { hostname } from 'node:os'
import { timestamp } from '../kernel/clock.ts'
import { createDeferred } from '../kernel/deferred.ts'
import { asError, CanceledError } from '../kernel/errors.ts'
import { createSharedAbort } from '../kernel/shared-abort.ts'
import type { RunSummary } from '../results/result-sink.ts'
import type { Attempt, AttemptContext } from './attempt.ts'
import type { Durations } from './durations.ts'
import { Estimate } from './estimate.ts'
import { MachineSet } from './machine-set.ts'
import { setUpMachine } from './machine-set-up.ts'
import type { Machine } from './machines/machine.ts'
import type { PoolEvent } from './pool-event.ts'
import type { CheckedOptions, FinishedAttempt } from './pool-options.ts'
import type { TestQueue } from './queue/test-queue.ts'
import type { MachineServices } from './services/machine-services.ts'
import { Tally } from './tally.ts'

export interface PoolRunOptions {
  readonly options: CheckedOptions
  readonly queue: TestQueue
  readonly durations: Durations
  readonly emit: (event: PoolEvent) => void
}

/** A run of a pool: the queue, the results and the signals for all machines. */
export class PoolRun {
  readonly options: CheckedOptions
  readonly queue: TestQueue
  /** The attempts under way. */
  readonly running = new Set<Attempt>()
  /** The waiting machines. The abort of a controller sends the machine back. */
  readonly idle = new Set<AbortController>()
  readonly #durations: Durations
  readonly #emit: (event: PoolEvent) => void
  readonly #machines: MachineSet
  readonly #tally = new Tally()
  readonly #estimate: Estimate
  readonly #canceled = createSharedAbort()
  readonly #over = createSharedAbort()
  readonly #forced = createDeferred()
  #error: Error | undefined
  #isFinished = false

  constructor({ options, queue, durations, emit }: PoolRunOptions) {
    this.options = options
    this.queue = queue
    this.#emit = emit
    this.#durations = durations
    this.#estimate = new Estimate('take' in options.tests ? [] : options.tests, durations)
    this.#machines = new MachineSet({
      provisioners: [options.machines].flat(),
      spares: options.spares,
      failedSetUps: options.failedSetUps,
      wanted: () => this.#wantedMachines(),
      over: this.over,
      emit: (event) => this.emit(event),
      setUp: (machine) => setUpMachine(this, machine),
      onError: (error) => this.#fail(error),
    })
  }

  /** Fires when no machine needs a further test: all tests are done, or the run is canceled. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  /** Whether no test waits, on any host. */
  get isIdle(): boolean {
    return this.queue.left <= this.running.size
  }

  get isCanceled(): boolean {
    return this.#canceled.signal.aborted
  }

  async finish(): Promise<RunSummary> {
    this.#tellProgress()
    this.#machines.fill()
    await Promise.race([this.#machines.ended.then(() => this.#closeServices()), this.#forced.promise])
    this.#isFinished = true
    await this.#abandonRunning()
    this.#durations.save()
    const { isCanceled } = this
    const { leftBehind } = this.#machines
    const notRun = this.queue.left
    const reason = notRun > 0 ? this.#machines.reason : null
    const summary = this.#tally.summary({ isCanceled, notRun, reason, leftBehind })
    await this.#keep(this.options.results?.finish(summary))
    if (this.#error) throw this.#error
    return summary
  }

  cancel(): void {
    if (this.isCanceled) return
    const error = new CanceledError('the run of the pool')
    this.#canceled.abort(error)
    this.#over.abort(error)
  }

  /** Cancels, and ends `finish` at once. */
  abandon(): void {
    this.cancel()
    this.#machines.abandon()
    this.#forced.resolve()
  }

  emit(event: PoolEvent): void {
    this.#emit(event)
    if (event.type !== 'machine' || this.#isFinished) return
    const { machine, state, note = null } = event
    const row = { machine, host: hostname(), state, at: timestamp(), note }
    void this.#keep(this.options.results?.machine?.(row)).catch(() => {}) // `keep` has ended the run
  }

  contextOf(machine: Machine, services: MachineServices | undefined): AttemptContext {
    const { environment, limitMs, graceMs, results } = this.options
    const keep = <T>(kept: Promise<T> | undefined) => this.#keep(kept)
    return {
      machine,
      services,
      environment,
      limitMs,
      graceMs,
      results,
      canceled: this.#canceled.signal,
      emit: (event) => this.emit(event),
      keep,
    }
  }

  attemptEnded(finished: FinishedAttempt, counts: boolean): void {
    if (this.#isFinished) return // counted by `#abandonRunning`
    const { state, test, machine, durationMs } = finished
    this.#tally.add(state, counts)
    if (counts && state === 'passed') this.#durations.record(test.name, machine.platform, durationMs)
    if (counts) this.#estimate.finish(test.name, durationMs)
    this.#tellProgress()
    if (this.queue.left === 0) this.#over.abort(new CanceledError('waiting for a test'))
    else if (!counts) this.#machines.forgetDeclined()
    this.releaseIdle()
  }

  #tellProgress(): void {
    const { left } = this.queue
    const estimatedLeftMs = this.#estimate.leftMs(left, this.#machines.size)
    this.emit({ type: 'progress', done: this.#tally.done, left, estimatedLeftMs })
  }

  /** Gives waiting machines back, unless a running test may be run again after a failure. */
  releaseIdle(): void {
    if (!this.isIdle) return
    for (const { taken } of this.running) if (taken.givenBack.failed < this.options.reruns) return
    for (const machine of this.idle) machine.abort(new CanceledError('waiting for a test'))
  }

  /** Puts the ends of the attempts on record that run on after a forced stop. */
  async #abandonRunning(): Promise<void> {
    const abandoned = Array.from(this.running, (attempt) => {
      this.#tally.add('canceled', false)
      return attempt.abandon()
    })
    await Promise.allSettled(abandoned) // `keep` has noted a failure of the results
  }

  async #closeServices(): Promise<void> {
    await this.options.services?.close?.().catch((thrown) => {
      this.#machines.leftBehind.push(`services: ${asError(thrown).message}`)
    })
  }

  #wantedMachines(): number {
    const { left } = this.queue
    return left + Math.min(this.options.spares, Math.max(0, left - this.running.size))
  }

  async #keep<T>(kept: Promise<T> | undefined): Promise<T | undefined> {
    try {
      return await kept
    } catch (thrown) {
      this.#fail(asError(thrown))
      throw thrown
    }
  }

  #fail(error: Error): void {
    this.#error ??= error
    this.cancel()
  }
}
