import { StateError } from '../kernel/errors.ts'
import { onAbort } from '../kernel/on-abort.ts'
import type { AttemptSink, BegunAttempt } from '../results/result-sink.ts'
import type { ReportedFile, ReportedResult } from '../results/rows.ts'
import type { ServiceStart } from '../session/service-start.ts'
import type { AttemptContext } from './attempt.ts'
import { ChangeableLimit } from './attempt-limit.ts'
import type { Machine } from './machines/machine.ts'
import type { TakenTest } from './queue/test-queue.ts'
import type { RunningAttempt } from './tests/pool-test.ts'

/**
 * The attempt, from the view of the test. After disposal, refuses output and results, even from a test still running.
 */
export class AttemptRecord implements RunningAttempt, Disposable {
  readonly machine: Machine
  readonly number: number
  readonly environment: Readonly<Record<string, string>>
  readonly limit: ChangeableLimit
  /** Whether the test has reported a result without a name, for the whole test. */
  hasOwnResult = false
  readonly #name: string
  readonly #begun: BegunAttempt
  readonly #context: AttemptContext
  readonly #sink: AttemptSink | undefined
  readonly #over = new AbortController()
  readonly #listening: readonly Disposable[]
  #isClosed = false

  constructor(
    taken: TakenTest,
    context: AttemptContext,
    { begun, sink }: { readonly begun: BegunAttempt; readonly sink: AttemptSink | undefined },
  ) {
    const { test, number, lost } = taken
    this.machine = context.machine
    this.number = number
    this.environment = { ...context.environment, ...context.services?.variables }
    this.limit = new ChangeableLimit(test.name, test.limitMs ?? context.limitMs)
    this.#name = test.name
    this.#begun = begun
    this.#context = context
    this.#sink = sink
    // `AbortSignal.any` would leave a trace of each attempt on the signal of the run.
    this.#listening = [this.limit.signal, context.canceled, lost].map((signal) =>
      onAbort(signal, () => this.#over.abort(signal.reason)),
    )
  }

  get signal(): AbortSignal {
    return this.#over.signal
  }

  async output(chunk: Uint8Array): Promise<void> {
    this.#checkOpen()
    await this.#context.keep(this.#sink?.output(chunk))
  }

  async report(result: ReportedResult): Promise<void> {
    this.#checkOpen()
    if (result.name === undefined) this.hasOwnResult = true
    const row = await this.#context.keep(this.#sink?.report(result))
    if (row) this.#context.emit({ type: 'result', machine: this.machine.name, row })
  }

  async store(file: ReportedFile, result?: string): Promise<void> {
    this.#checkOpen()
    await this.#context.keep(this.#sink?.store(file, result))
  }

  async service(start: ServiceStart): Promise<void> {
    this.#checkOpen()
    const { id: attempt, host, machine } = this.#begun
    await this.#context.keep(this.#context.results?.service?.({ ...start, attempt, host, machine, note: null }))
  }

  async serviceLogs(): Promise<Readonly<Record<string, string>>> {
    return (await this.#context.services?.logs()) ?? {}
  }

  [Symbol.dispose](): void {
    this.#isClosed = true
    this.limit[Symbol.dispose]()
    for (const listening of this.#listening) listening[Symbol.dispose]()
  }

  #checkOpen(): void {
    if (this.#isClosed)
      throw new StateError(`${this.#name}: attempt ${this.number} has ended, and takes no more results`)
  }
}
