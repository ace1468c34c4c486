import type { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { monotonicMs } from '../../kernel/clock.ts'
import { sleep } from '../../kernel/deadline.ts'
import { lostRun } from './queue-errors.ts'
import { readRun, writeRun } from './run-key.ts'
import type { QueuedRun } from './shared-queue.ts'
import type { CountedAttempt, QueuedTest } from './taken-job.ts'

interface RunProgressOptions {
  readonly run: QueuedRun
  /** Name of the run. */
  readonly name: string
  readonly redis: Redis
  readonly queue: Queue<QueuedTest, CountedAttempt>
}

/** How often waiting callers ask for the progress, in milliseconds. */
const progressPollMs = 250

/** The progress of a run on all hosts, as far as the local host knows. */
export class RunProgress {
  readonly #options: RunProgressOptions
  #completed = 0
  /** When the server was last asked. */
  #askedAt = 0
  #isEnded = false
  #polling: Promise<void> | undefined

  constructor(options: RunProgressOptions) {
    this.#options = options
  }

  /** Number of unfinished tests; 0 once the run was ended. */
  get left(): number {
    return this.#isEnded ? 0 : Math.max(0, this.#options.run.total - this.#completed)
  }

  /** Asks the server. @throws ERR_TRANSPORT if the run is gone */
  async refresh(): Promise<void> {
    const { redis, name, queue, run } = this.#options
    this.#askedAt = monotonicMs()
    const [present, completed] = await Promise.all([readRun(redis, name), queue.getCompletedCount()])
    if (present?.id !== run.id) throw lostRun(present)
    if (present.state === 'ended') this.stop()
    this.#completed = Math.max(this.#completed, completed)
  }

  /** Pauses, and then asks the server: once for all waiting callers. */
  poll(): Promise<void> {
    this.#polling ??= sleep(progressPollMs)
      .then(() => this.refresh())
      .finally(() => {
        this.#polling = undefined
      })
    return this.#polling
  }

  /**
   * Counts a test as done, unless a later answer may include the test: a late count costs a poll, and a double count
   * would lose a test.
   */
  count(doneAt: number): void {
    if (doneAt > this.#askedAt) this.#completed++
  }

  /** Ends the run on this host. */
  stop(): void {
    this.#isEnded = true
  }

  /** Ends the run on all hosts. */
  async end(): Promise<void> {
    this.stop()
    const { redis, name, run } = this.#options
    await writeRun(redis, name, { ...run, state: 'ended' })
  }
}
