import { hostname } from 'node:os'
import type { Job, Queue, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { clearInterval, monotonicMs, setInterval } from '../../kernel/clock.ts'
import { sleep } from '../../kernel/deadline.ts'
import { asError } from '../../kernel/errors.ts'
import { lazy } from '../../kernel/lazy.ts'
import type { AttemptState } from '../../results/rows.ts'
import type { Machine } from '../machines/machine.ts'
import type { PoolTest } from '../tests/pool-test.ts'
import type { QueuedRun } from './run-key.ts'
import type { GiveBackReason, TakenTest, TestQueue } from './test-queue.ts'

/** A test in the server of a queue. */
export interface QueuedTest {
  readonly kind: string
  readonly name: string
  readonly data: unknown
  readonly givenBack: Readonly<Record<GiveBackReason, number>>
}

/** How the attempt ended that counts. */
export interface CountedAttempt {
  readonly attempt: string
  readonly host: string
  readonly state: AttemptState
}

export interface BullQueueOptions {
  readonly run: QueuedRun
  readonly redis: Redis
  readonly queue: Queue<QueuedTest, CountedAttempt>
  readonly worker: Worker<QueuedTest, CountedAttempt>
  readonly remake: (test: QueuedTest) => PoolTest
  readonly lockMs: number
}

type TestJob = Job<QueuedTest, CountedAttempt>

const pollMs = 250

/** Tests that several hosts take from one server of Redis or Valkey. */
export class BullQueue implements TestQueue {
  readonly run: QueuedRun
  readonly close: () => Promise<void>
  readonly #options: BullQueueOptions
  readonly #taken = new Set<TakenJob>()
  readonly #renewal: NodeJS.Timeout
  #turn: Promise<unknown> = Promise.resolve()
  #completed = 0
  #tokens = 0
  #isClosed = false

  constructor(options: BullQueueOptions) {
    this.#options = options
    this.run = options.run
    this.#renewal = setInterval(() => this.#renew(), options.lockMs / 3)
    this.close = lazy(() => this.#close())
  }

  get left(): number {
    return Math.max(0, this.run.total - this.#completed)
  }

  /** Asks the server how many tests are done. */
  async refresh(): Promise<void> {
    this.#completed = await this.#options.queue.getCompletedCount()
  }

  async take(machine: Machine, signal: AbortSignal): Promise<TakenTest | undefined> {
    for (;;) {
      signal.throwIfAborted()
      if (this.#isClosed || this.left === 0) return undefined
      // One machine asks at a time: the others would only wait for the same test.
      const taken = await this.#inTurn(() => this.#takeNow(machine, signal))
      if (taken) return taken
      await sleep(pollMs, signal)
      await this.refresh()
    }
  }

  async #takeNow(machine: Machine, signal: AbortSignal): Promise<TakenTest | undefined> {
    if (signal.aborted) return undefined
    const token = `${hostname()}:${process.pid}:${machine.name}:${++this.#tokens}`
    const job = await this.#options.worker.getNextJob(token, { block: false })
    if (!job) return undefined
    const taken = new TakenJob(job, token, this.#options, (isDone) => {
      this.#taken.delete(taken)
      if (isDone) this.#completed++
    })
    this.#taken.add(taken)
    return taken
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => {})
    return turn
  }

  #renew(): void {
    for (const taken of this.#taken) void taken.renew()
  }

  async #close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#renewal)
    await this.#options.worker.close(true)
    await this.#options.queue.close()
    this.#options.redis.disconnect()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

class TakenJob implements TakenTest {
  readonly test: PoolTest
  readonly number: number
  readonly givenBack: Readonly<Record<GiveBackReason, number>>
  readonly #job: TestJob
  readonly #token: string
  readonly #lockMs: number
  readonly #lost = new AbortController()
  readonly #onEnd: (isDone: boolean) => void
  #renewedAt = monotonicMs()

  constructor(job: TestJob, token: string, { remake, lockMs }: BullQueueOptions, onEnd: (isDone: boolean) => void) {
    this.test = remake(job.data)
    this.number = job.attemptsStarted
    this.givenBack = job.data.givenBack
    this.#job = job
    this.#token = token
    this.#lockMs = lockMs
    this.#onEnd = onEnd
  }

  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /** Keeps other hosts from the test. A host that cannot do so for long enough is taken for dead by the others. */
  async renew(): Promise<void> {
    if (monotonicMs() - this.#renewedAt > this.#lockMs) this.#lose()
    try {
      const isOurs = await this.#job.extendLock(this.#token, this.#lockMs)
      if (!isOurs) return this.#lose()
      this.#renewedAt = monotonicMs()
    } catch (thrown) {
      if (isLockError(thrown)) this.#lose()
    }
  }

  async finish(state: AttemptState): Promise<boolean> {
    const attempt = `${this.test.name}#${this.number}`
    const isDone = await this.#unlessLost(() =>
      this.#job.moveToCompleted({ attempt, host: hostname(), state }, this.#token, false),
    )
    this.#onEnd(isDone)
    return isDone
  }

  async giveBack(reason: GiveBackReason): Promise<void> {
    const { givenBack } = this.#job.data
    await this.#unlessLost(async () => {
      await this.#job.updateData({ ...this.#job.data, givenBack: { ...givenBack, [reason]: givenBack[reason] + 1 } })
      await this.#job.moveToWait(this.#token)
    })
    this.#onEnd(false)
  }

  /** Returns whether the test was still ours. */
  async #unlessLost(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (thrown) {
      if (!isLockError(thrown)) throw asError(thrown)
      this.#lose()
      return false
    }
  }

  #lose(): void {
    this.#lost.abort()
  }
}

/** BullMQ's errors for a test whose lock is gone, or has another owner. */
function isLockError(thrown: unknown): boolean {
  return /Missing lock|Lock mismatch|Missing key|is not in the active state/.test(asError(thrown).message)
}
