import { lazy } from '../kernel/lazy.ts'
import { onAbort } from '../kernel/on-abort.ts'
import type { RunSummary } from '../results/result-sink.ts'
import { EventChannel } from '../session/event-channel.ts'
import { Durations } from './durations.ts'
import type { PoolEvent } from './pool-event.ts'
import { checkPool, type PoolOptions } from './pool-options.ts'
import { PoolRun } from './pool-run.ts'
import { ArrayQueue } from './queue/array-queue.ts'
import type { TestQueue } from './queue/test-queue.ts'
import type { PoolTest } from './tests/pool-test.ts'

/** Options of `Pool.stop`. */
export interface StopOptions {
  /** Does not wait for tests and machines to end. Default: `false`. */
  readonly force?: boolean | undefined
}

/** Gives tests to machines: a free machine takes the next test. Iterating yields events from then on. */
export class Pool implements AsyncIterable<PoolEvent> {
  /**
   * Runs all tests, and gives all machines back. Further calls return the same summary.
   *
   * @throws errors of the results or the queue; tests that fail, or cannot be run, are no errors
   */
  readonly run: () => Promise<RunSummary>
  readonly #events = new EventChannel<PoolEvent>(undefined)
  readonly #queue: TestQueue
  readonly #run: PoolRun
  readonly #signal: AbortSignal | undefined

  /** @throws ERR_CONFIG for an invalid option, or for two tests with the same name */
  constructor(options: PoolOptions) {
    const checked = checkPool(options)
    const durations = Durations.load(options.project ?? process.cwd())
    this.#queue = 'take' in options.tests ? options.tests : arrayQueue(options.tests, options, durations)
    this.#run = new PoolRun({
      options: checked,
      queue: this.#queue,
      durations,
      emit: (event) => this.#events.emit(event),
    })
    this.#signal = options.signal
    this.run = lazy(() => this.#runAll())
  }

  /** Cancels the running tests, and waits until all machines have been given back. A second call may use force. */
  async stop({ force = false }: StopOptions = {}): Promise<void> {
    if (force) this.#run.abandon()
    else this.#run.cancel()
    await this.run().catch(() => {}) // thrown to the caller of `run`
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<PoolEvent> {
    return this.#events.read()
  }

  async #runAll(): Promise<RunSummary> {
    using _listening = onAbort(this.#signal, () => this.#run.cancel())
    try {
      return await this.#run.finish()
    } finally {
      this.#events.close()
    }
  }
}

function arrayQueue(tests: readonly PoolTest[], { nextTest }: PoolOptions, durations: Durations): ArrayQueue {
  return new ArrayQueue(tests, {
    choose: nextTest,
    expectedMs: (test, platform) => durations.expectedMs(test, platform),
  })
}
