import { hostname } from 'node:os'
import { monotonicMs, timestamp } from '../kernel/clock.ts'
import { longestTimerMs, settlesWithin } from '../kernel/deadline.ts'
import { asError } from '../kernel/errors.ts'
import { onAbort } from '../kernel/on-abort.ts'
import type { AttemptSink, BegunAttempt, ResultSink } from '../results/result-sink.ts'
import type { AttemptRow, AttemptState, ReportedFile } from '../results/rows.ts'
import { AttemptRecord } from './attempt-record.ts'
import type { Machine } from './machines/machine.ts'
import type { PoolEvent } from './pool-event.ts'
import type { FinishedAttempt } from './pool-options.ts'
import type { TakenTest } from './queue/test-queue.ts'
import type { MachineServices } from './services/machine-services.ts'
import type { AttemptEnd } from './tests/pool-test.ts'

/** Services, limits and results for all attempts on a machine. */
export interface AttemptContext {
  readonly machine: Machine
  readonly services: MachineServices | undefined
  readonly environment: Readonly<Record<string, string>>
  readonly limitMs: number
  /** Time for a test to end after the signal. */
  readonly graceMs: number
  readonly results: ResultSink | undefined
  /** Fires when the run is canceled. */
  readonly canceled: AbortSignal
  readonly emit: (event: PoolEvent) => void
  /** Waits for a promise of the results, and returns the value. A failure of the results ends the run. */
  readonly keep: <T>(kept: Promise<T> | undefined) => Promise<T | undefined>
}

/** The decision about a test after an attempt. */
export interface Verdict {
  readonly state: AttemptState
  /** Why the test is run again; `null` without a further run. */
  readonly rerun: string | null
  readonly counts: boolean
}

/** A single execution of a test: `run`, then `end`; or `abandon` meanwhile. */
export class Attempt {
  /**
   * Whether the test still ran after the grace. The machine must be given back: the release ends all that still runs.
   */
  isAbandoned = false
  readonly taken: TakenTest
  readonly #context: AttemptContext
  readonly #begin: BegunAttempt
  #sink: AttemptSink | undefined
  #record: AttemptRecord | undefined
  #finished: FinishedAttempt | undefined
  #ended: Promise<void> | undefined

  constructor(taken: TakenTest, context: AttemptContext) {
    const { test, number } = taken
    const { name: machine, platform } = context.machine
    this.taken = taken
    this.#context = context
    const begin = timestamp()
    this.#begin = { id: `${test.name}#${number}`, test: test.name, number, platform, machine, host: hostname(), begin }
  }

  /** Runs the test, and reports a result if the test has not. Throws only errors of the results. */
  async run(): Promise<FinishedAttempt> {
    const { machine, emit, keep, results } = this.#context
    this.#sink = await keep(results?.begin(this.#begin))
    emit({ type: 'attempt', machine: machine.name, test: this.#begin.test, number: this.#begin.number })
    const beganAt = monotonicMs()
    using record = new AttemptRecord(this.taken, this.#context, { begun: this.#begin, sink: this.#sink })
    this.#record = record
    const ended = await this.#runTest(record)
    const finished = this.#describe(ended, monotonicMs() - beganAt)
    await this.#reportItself(record, finished)
    this.#finished = finished
    return finished
  }

  /** Puts the end on record. Further calls have no effect. */
  end(verdict: Verdict): Promise<void> {
    this.#ended ??= this.#end(verdict)
    return this.#ended
  }

  /** Puts the end on record while the test still runs, after a cancel. The test reports nothing more. */
  async abandon(): Promise<void> {
    this.#record?.[Symbol.dispose]()
    await this.end({ state: 'canceled', rerun: null, counts: false })
  }

  async #end({ state, rerun, counts }: Verdict): Promise<void> {
    const abandoned = { exitCode: null, signal: null, error: this.#context.canceled.reason as Error | undefined }
    const { exitCode = null, signal = null, error } = this.#finished ?? abandoned
    const end = timestamp()
    const attempt: AttemptRow = { ...this.#begin, end, exitCode, signal, state, rerun, note: error?.message ?? null }
    await this.#context.keep(this.#sink?.end(attempt, counts))
    this.#context.emit({ type: 'attempt-end', machine: this.#begin.machine, attempt })
  }

  async #runTest(record: AttemptRecord): Promise<TestEnd> {
    const over = record.signal
    const running = this.#resetAndRun(record)
    const overdue = new Promise<never>((_, reject) => {
      onAbort(over, () => void this.#waitForEnd(running).then(() => reject(over.reason)))
    })
    try {
      return { end: await Promise.race([running, overdue]), error: undefined, over }
    } catch (thrown) {
      return { end: undefined, error: asError(thrown), over }
    }
  }

  async #waitForEnd(running: Promise<unknown>): Promise<void> {
    const graceMs = Math.min(this.#context.graceMs, longestTimerMs)
    this.isAbandoned = !(await settlesWithin(running, graceMs))
  }

  async #resetAndRun(record: AttemptRecord): Promise<AttemptEnd> {
    await this.#context.services?.reset(record.signal)
    const { test } = this.taken
    const end = (await test.run(record)) as AttemptEnd | undefined
    if (!end) throw new TypeError(`${test.name}: run() returned ${end}; expected { exitCode, passed }`)
    return end
  }

  #describe({ end, error: thrown, over }: TestEnd, durationMs: number): FinishedAttempt {
    const state = this.#stateOf(end, over)
    // After the signal, any error of the test is an effect of the signal.
    const error = over.aborted ? asError(over.reason) : thrown
    const { exitCode, signal } = end ?? {}
    const { test, number } = this.taken
    return { test, machine: this.#context.machine, number, state, exitCode, signal, error, durationMs }
  }

  #stateOf(end: AttemptEnd | undefined, over: AbortSignal): AttemptState {
    if (this.taken.lost.aborted) return 'lost'
    if (this.#context.canceled.aborted) return 'canceled'
    if (over.aborted) return 'failed'
    if (!end) return 'infra'
    return end.passed ? 'passed' : 'failed'
  }

  /**
   * Reports a result for a test without an own result, because of an error, or because the kind of test reports none.
   */
  async #reportItself(record: AttemptRecord, { state, error }: FinishedAttempt): Promise<void> {
    const status = error && state === 'failed' ? 'error' : ownStatus[state]
    // A test may break off after a result of its own.
    if (!status || (record.hasOwnResult && state !== 'infra')) return
    const files = state === 'failed' ? await logFiles(record) : []
    await record.report({ status, note: error?.message, files, testout: 'output.txt' })
  }
}

async function logFiles(record: AttemptRecord): Promise<ReportedFile[]> {
  const logs = await record.serviceLogs().catch((thrown) => ({ unreadable: asError(thrown).message }))
  return Object.entries(logs).flatMap(([service, content]) =>
    content === '' ? [] : [{ name: `service-${service}.log`, content }],
  )
}

/** Status of a test without an own result; `error` at the limit. A canceled attempt has no result. */
const ownStatus: Readonly<Record<AttemptState, string | undefined>> = {
  passed: 'pass',
  failed: 'fail',
  infra: 'infra',
  canceled: undefined,
  lost: undefined,
}

interface TestEnd {
  readonly end: AttemptEnd | undefined
  readonly error: Error | undefined
  readonly over: AbortSignal
}
