import { hostname } from 'node:os'
import type { Job } from 'bullmq'
import { monotonicMs } from '../../kernel/clock.ts'
import { settlesWithin } from '../../kernel/deadline.ts'
import { asError, StateError } from '../../kernel/errors.ts'
import type { AttemptState } from '../../results/rows.ts'
import type { Machine } from '../machines/machine.ts'
import type { PoolTest } from '../tests/pool-test.ts'
import type { GiveBackReason, TakenTest } from './test-queue.ts'

/** A test in the server of a queue. */
export interface QueuedTest {
  readonly kind: string
  readonly name: string
  readonly data: unknown
  readonly givenBack: Readonly<Record<GiveBackReason, number>>
}

/** The end of the counted attempt. */
export interface CountedAttempt {
  readonly attempt: string
  readonly host: string
  readonly machine: string
  readonly platform: string
  readonly state: AttemptState
  /** Random name of the attempt's right to count. */
  readonly token: string
}

export type TestJob = Job<QueuedTest, CountedAttempt>

export interface TakenJobOptions {
  readonly job: TestJob
  readonly test: PoolTest
  readonly machine: Pick<Machine, 'name' | 'platform'>
  readonly token: string
  readonly lockMs: number
  /** When the server was asked for the test. */
  readonly askedAt: number
  /** Returns the counted attempt, if any. */
  readonly counted: (job: TestJob) => Promise<CountedAttempt | undefined>
  /**
   * Called once, when the local host no longer holds the test.
   *
   * @param doneAt when the server was told that the test is done, at the earliest; `undefined` for an unfinished test
   */
  readonly onEnd: (taken: TakenJob, doneAt: number | undefined) => void
}

/** Number of hosts that may die during a test. After a further death, the test is taken for the cause. */
const mostDeaths = 5

/** How long a canceled test waits for the server to take it back, in milliseconds. */
const silenceMs = 2_000

/** A test locked in the server by the local host. */
export class TakenJob implements TakenTest {
  readonly test: PoolTest
  readonly number: number
  readonly givenBack: Readonly<Record<GiveBackReason, number>>
  readonly #options: TakenJobOptions
  readonly #lost = new AbortController()
  #renewedAt: number
  #ended: Promise<boolean> | undefined

  constructor(options: TakenJobOptions) {
    const { job, test } = options
    this.test = job.stalledCounter > mostDeaths ? deadly(test, job.stalledCounter) : test
    this.number = job.attemptsStarted
    this.givenBack = job.data.givenBack
    this.#options = options
    this.#renewedAt = options.askedAt
  }

  get lost(): AbortSignal {
    return this.#lost.signal
  }

  get id(): string {
    return this.#options.job.id ?? ''
  }

  get token(): string {
    return this.#options.token
  }

  /** Takes note of a renewed lock. @param askedAt time of the request to the server */
  renewed(askedAt: number): void {
    this.#renewedAt = askedAt
  }

  /** Whether the local host counts as dead, for lack of a renewal of the lock. */
  get isOverdue(): boolean {
    return monotonicMs() - this.#renewedAt > this.#options.lockMs
  }

  /** Takes note that the test was given to another host. */
  lose(): void {
    if (this.#ended !== undefined) return
    this.#lost.abort(new StateError(`${this.test.name} was given to another host: this one was silent for too long`))
    this.#options.onEnd(this, undefined)
  }

  finish(state: AttemptState): Promise<boolean> {
    this.#ended ??= this.#finish(state)
    return this.#ended
  }

  async giveBack(reason: GiveBackReason): Promise<void> {
    this.#ended ??= this.#giveBack(reason)
    // A canceled run does not wait for a silent server: other hosts get the test once the lock has expired.
    if (reason === 'canceled') await settlesWithin(this.#ended, silenceMs)
    else await this.#ended
  }

  async #finish(state: AttemptState): Promise<boolean> {
    const { job, token, machine, counted, onEnd } = this.#options
    const finishedAt = monotonicMs()
    const place = { host: hostname(), machine: machine.name, platform: machine.platform }
    const attempt = { attempt: `${this.test.name}#${this.number}`, ...place, state, token }
    const isDone =
      (await ifLocked(() => job.moveToCompleted(attempt, token, false))) ||
      // After a break of the connection before the answer, the client asks a second time.
      (await counted(job))?.token === token
    onEnd(this, isDone ? finishedAt : undefined)
    return isDone
  }

  async #giveBack(reason: GiveBackReason): Promise<boolean> {
    const { job, token, lockMs, onEnd } = this.#options
    const givenBack = { ...this.givenBack, [reason]: this.givenBack[reason] + 1 }
    const isOurs = (await job.extendLock(token, lockMs)) === 1
    if (isOurs) {
      await job.updateData({ ...job.data, givenBack })
      await ifLocked(() => job.moveToWait(token))
    }
    onEnd(this, undefined)
    return false
  }
}

/** Returns whether the local host still had the lock of the test. */
async function ifLocked(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (thrown) {
    if (!isLockError(thrown)) throw asError(thrown)
    return false
  }
}

/** Returns whether an error is BullMQ's, for a test with a missing or foreign lock. */
function isLockError(thrown: unknown): boolean {
  return /Missing lock|Lock mismatch|Missing key|is not in the active state/.test(asError(thrown).message)
}

/** Returns the test without effects: each run fails. */
function deadly(test: PoolTest, deaths: number): PoolTest {
  const run: PoolTest['run'] = async () => {
    throw new StateError(`${deaths} hosts have died, or were cut off, while they ran ${test.name}`)
  }
  return { ...test, run }
}
