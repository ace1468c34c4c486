import { randomUUID } from 'node:crypto'
import type { Queue, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { clearInterval, monotonicMs, setInterval } from '../../kernel/clock.ts'
import { settlesWithin, sleep } from '../../kernel/deadline.ts'
import { TestServicesError } from '../../kernel/errors.ts'
import { lazy } from '../../kernel/lazy.ts'
import { Turns } from '../../kernel/turns.ts'
import { unlessAborted } from '../../kernel/unless-aborted.ts'
import type { AttemptRow } from '../../results/rows.ts'
import type { Machine } from '../machines/machine.ts'
import type { PoolTest } from '../tests/pool-test.ts'
import { attemptsElsewhere, countTests } from './count-tests.ts'
import { HostRecord, readHosts } from './host-record.ts'
import { unusable } from './queue-errors.ts'
import { RunProgress } from './run-progress.ts'
import type { QueuedRun, SharedQueue, TestCounts } from './shared-queue.ts'
import { type CountedAttempt, type QueuedTest, TakenJob, type TakenJobOptions, type TestJob } from './taken-job.ts'
import type { TakenTest } from './test-queue.ts'

export interface BullQueueOptions {
  readonly run: QueuedRun
  /** Name of the run. */
  readonly name: string
  readonly redis: Redis
  readonly queue: Queue<QueuedTest, CountedAttempt>
  readonly worker: Worker<QueuedTest, CountedAttempt>
  readonly remake: (test: QueuedTest) => PoolTest
}

/** How often `whenAlone` asks for other hosts, in milliseconds. */
const othersPollMs = 250
/** How often the queue shows changes of the machines to all hosts, in milliseconds. */
const showMs = 1_000
/** How long `close` waits for a silent server, in milliseconds. */
const closeMs = 2_000

/** Shares tests through BullMQ. */
export class BullQueue implements SharedQueue {
  readonly run: QueuedRun
  readonly close: () => Promise<void>
  readonly #options: BullQueueOptions
  readonly #record: HostRecord
  readonly #progress: RunProgress
  readonly #member = randomUUID()
  readonly #taken = new Set<TakenJob>()
  /** The machines with a running test, and the waiting machines. */
  readonly #machines = new Map<string, TakenJob | undefined>()
  readonly #timers: readonly NodeJS.Timeout[]
  readonly #requests = new Turns()
  #hasChanged = false
  #renewing: Promise<void> | undefined
  #tokens = 0

  constructor(options: BullQueueOptions) {
    const { run, redis } = options
    this.#options = options
    this.run = run
    this.#progress = new RunProgress(options)
    this.#record = new HostRecord(redis, run.id, { member: this.#member, lifeMs: 2 * run.lockMs })
    this.#timers = [
      setInterval(() => void this.#renewAll(), run.lockMs / 3),
      setInterval(() => void this.#showChanges(), showMs),
    ]
    this.close = lazy(() => this.#close())
  }

  /** 0 once the run was ended. */
  get left(): number {
    return this.#progress.left
  }

  /** Records the local host in the run, and asks how many tests are done. @throws ERR_TRANSPORT if the run is gone */
  async join(): Promise<void> {
    await this.#writeRecord()
    await this.#progress.refresh()
  }

  async take(machine: Machine, signal: AbortSignal): Promise<TakenTest | undefined> {
    this.#machines.set(machine.name, undefined)
    try {
      while (this.left > 0) {
        signal.throwIfAborted()
        const taken = await this.#ask(machine, signal)
        if (taken) return taken
        await unlessAborted(this.#progress.poll(), signal)
      }
      return undefined
    } catch (thrown) {
      throw signal.aborted || thrown instanceof TestServicesError ? thrown : unusable(thrown)
    } finally {
      if (!this.#machines.get(machine.name)) this.#machines.delete(machine.name)
    }
  }

  end(): Promise<void> {
    return this.#progress.end()
  }

  async whenDone(signal: AbortSignal): Promise<void> {
    await this.#progress.refresh()
    while (this.left > 0 && (await this.#hasOthers())) await unlessAborted(this.#progress.poll(), signal)
  }

  async whenAlone(signal?: AbortSignal): Promise<void> {
    while (await this.#hasOthers()) await sleep(othersPollMs, signal)
  }

  counts(): Promise<TestCounts> {
    return countTests(this.#options.queue, this.run)
  }

  attemptsElsewhere(): AsyncIterable<readonly AttemptRow[]> {
    return attemptsElsewhere(this.#options.queue, this.#member)
  }

  async #hasOthers(): Promise<boolean> {
    return (await readHosts(this.#options.redis, this.run.id)).length > 1
  }

  /** Machines ask in turn: simultaneous requests would only wait for the same test. */
  async #ask(machine: Machine, signal: AbortSignal): Promise<TakenTest | undefined> {
    const asking = this.#requests.do(() => this.#takeNow(machine, signal))
    try {
      return await unlessAborted(asking, signal)
    } catch (thrown) {
      // A hanging server may still answer, with a test for a machine that waits no longer.
      void asking.then((taken) => taken?.giveBack('canceled')).catch(() => {})
      throw thrown
    }
  }

  async #takeNow(machine: Machine, signal: AbortSignal): Promise<TakenTest | undefined> {
    if (signal.aborted || this.left === 0) return undefined
    const token = `${this.#member}:${++this.#tokens}`
    const askedAt = monotonicMs()
    const job = await this.#options.worker.getNextJob(token, { block: false })
    if (!job) return undefined
    const taken = await this.#lock(job, { machine, token, askedAt })
    this.#taken.add(taken)
    this.#machines.set(machine.name, taken)
    this.#hasChanged = true
    return taken
  }

  async #lock(job: TestJob, lock: Pick<TakenJobOptions, 'machine' | 'token' | 'askedAt'>): Promise<TakenJob> {
    const { remake, queue } = this.#options
    const test = await this.#remake(job, lock.token, remake)
    const counted = async ({ id = '' }: TestJob) => (await queue.getJob(id))?.returnvalue ?? undefined
    const onEnd = (taken: TakenJob, doneAt?: number): void => this.#forget(taken, doneAt)
    return new TakenJob({ job, test, ...lock, lockMs: this.run.lockMs, counted, onEnd })
  }

  /** Makes the test, or leaves the test to hosts that can make the kind. */
  async #remake(job: TestJob, token: string, remake: BullQueueOptions['remake']): Promise<PoolTest> {
    try {
      return remake(job.data)
    } catch (thrown) {
      await job.moveToWait(token)
      throw thrown
    }
  }

  #forget(taken: TakenJob, doneAt: number | undefined): void {
    this.#taken.delete(taken)
    for (const [machine, one] of this.#machines) if (one === taken) this.#machines.delete(machine)
    this.#hasChanged = true
    if (doneAt !== undefined) this.#progress.count(doneAt)
  }

  /** Renews the locks of the taken tests. While a renewal waits for the server, no further renewal begins. */
  async #renewAll(): Promise<void> {
    for (const taken of this.#taken) if (taken.isOverdue) taken.lose()
    this.#renewing ??= this.#renew()
      .catch(() => {}) // seen by `isOverdue`, and by the next request to the server
      .finally(() => {
        this.#renewing = undefined
      })
    await this.#renewing
  }

  async #renew(): Promise<void> {
    const all = [...this.#taken]
    const askedAt = monotonicMs()
    const ids = all.map(({ id }) => id)
    const tokens = all.map(({ token }) => token)
    const { worker } = this.#options
    const failed = ids.length === 0 ? [] : await worker.extendJobLocks(ids, tokens, this.run.lockMs)
    for (const taken of all) {
      if (failed.includes(taken.id)) taken.lose()
      else taken.renewed(askedAt)
    }
    await this.#writeRecord()
    await this.#progress.refresh()
  }

  async #showChanges(): Promise<void> {
    if (!this.#hasChanged) return
    await this.#writeRecord().catch(() => {}) // the next renewal writes the record
  }

  #writeRecord(): Promise<void> {
    this.#hasChanged = false
    return this.#record.write(Array.from(this.#machines, ([name, taken]) => ({ name, test: taken?.test.name ?? null })))
  }

  async #close(): Promise<void> {
    this.#progress.stop()
    for (const timer of this.#timers) clearInterval(timer)
    const { worker, queue, redis } = this.#options
    await settlesWithin(this.#leave(), closeMs)
    await settlesWithin(worker.close(true), closeMs)
    await settlesWithin(queue.close(), closeMs)
    redis.disconnect()
  }

  /** Gives all running tests back, and takes the local host off the record. */
  async #leave(): Promise<void> {
    await Promise.all(Array.from(this.#taken, (taken) => taken.giveBack('canceled')))
    await this.#record.remove()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
