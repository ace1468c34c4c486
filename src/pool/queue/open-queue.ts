import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Redis } from 'ioredis'
import { optionalPeer } from '../../host/modules/optional-peer.ts'
import { timestamp } from '../../kernel/clock.ts'
import { Deadline } from '../../kernel/deadline.ts'
import { StateError } from '../../kernel/errors.ts'
import { poll } from '../../kernel/poll.ts'
import type { PoolTest } from '../tests/pool-test.ts'
import { BullQueue, type CountedAttempt, type QueuedTest } from './bull-queue.ts'
import { hiddenPassword } from './hidden-password.ts'
import { connectRedis } from './redis-connection.ts'
import { claimRun, keyPrefix, type QueuedRun, readRun, removeRun, writeRun } from './run-key.ts'

/** Where a queue is, and how long hosts are waited for. */
export interface QueueOptions {
  /** `redis://user:password@host:6379`; `rediss://` with TLS. */
  readonly url: string
  /** Name of the run, if a server has several. Default: `default`. */
  readonly name?: string | undefined
  /**
   * For how long a host may be silent before its tests are given to others, in milliseconds. Default: 15,000; the tests
   * are given back within twice this time.
   */
  readonly lockMs?: number | undefined
}

export interface NewQueueOptions extends QueueOptions {
  readonly tests: readonly PoolTest[]
}

export interface JoinedQueueOptions extends QueueOptions {
  /** Makes a test again, by its kind, from its data. */
  readonly kinds: Readonly<Record<string, (data: never) => PoolTest>>
  /** How long to wait for a run to begin, in milliseconds. Default: 60,000. */
  readonly waitMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

const defaultLockMs = 15_000
const defaultWaitMs = 60_000
const bulkSize = 1_000
const nothingGivenBack = { failed: 0, infra: 0, canceled: 0 }

/**
 * Puts tests into a queue for several hosts, in their order, and returns the queue for this host.
 *
 * @throws ERR_TRANSPORT if the server cannot be used; ERR_STATE if a run of this name is under way; ERR_MISSING_BINARY
 *   without bullmq and ioredis
 */
export async function openQueue({ tests, ...options }: NewQueueOptions): Promise<BullQueue> {
  const { url, name = defaultName } = options
  const redis = await connectRedis(url)
  try {
    await removeEnded(redis, url, name)
    const run: QueuedRun = { id: randomUUID(), host: hostname(), begin: timestamp(), total: 0 }
    if (!(await claimRun(redis, name, run))) throw underWay(url, 'its tests are being added')
    const filled = { ...run, total: tests.length }
    await fill(redis, name, run, tests)
    await writeRun(redis, name, filled)
    const byName = new Map(tests.map((test) => [test.name, test]))
    return await connectQueue(redis, filled, options, ({ name: test }) => required(byName.get(test), test))
  } catch (thrown) {
    redis.disconnect()
    throw thrown
  }
}

/**
 * Joins the run of a queue, and waits until it has begun.
 *
 * @throws ERR_TRANSPORT if the server cannot be used; ERR_NOT_RUNNING if no run begins in time; ERR_CANCELED
 */
export async function joinQueue(options: JoinedQueueOptions): Promise<BullQueue> {
  const { url, name = defaultName, kinds, waitMs = defaultWaitMs, signal } = options
  const redis = await connectRedis(url)
  try {
    const deadline = new Deadline(`waiting for a run in the queue at ${hiddenPassword(url)}`, waitMs, signal)
    const run = await poll({ firstMs: 100, lastMs: 1_000, deadline }, async () => {
      const found = await readRun(redis, name)
      return found && found.total > 0 ? found : undefined
    })
    return await connectQueue(redis, run, options, ({ kind, data, name: test }) => {
      const make = kinds[kind]
      if (!make) throw new StateError(`the test ${test} is of the kind "${kind}", which this host does not know`)
      return make(data as never)
    })
  } catch (thrown) {
    redis.disconnect()
    throw thrown
  }
}

const defaultName = 'default'

async function connectQueue(
  redis: Redis,
  run: QueuedRun,
  { lockMs = defaultLockMs }: QueueOptions,
  remake: (test: QueuedTest) => PoolTest,
): Promise<BullQueue> {
  const { Worker } = await bullmq()
  const queue = await queueOf(redis, run)
  const worker = new Worker<QueuedTest, CountedAttempt>(run.id, null, {
    connection: redis,
    prefix: keyPrefix,
    autorun: false,
    lockDuration: lockMs,
    stalledInterval: lockMs / 2,
    // A test is given to others as often as hosts die.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
  })
  // Losses of the connection are mended; commands wait for it.
  worker.on('error', () => {})
  await worker.startStalledCheckTimer()
  const opened = new BullQueue({ run, redis, queue, worker, remake, lockMs })
  await opened.refresh()
  return opened
}

async function queueOf(redis: Redis, { id }: QueuedRun) {
  const { Queue } = await bullmq()
  const queue = new Queue<QueuedTest, CountedAttempt>(id, { connection: redis, prefix: keyPrefix })
  queue.on('error', () => {})
  return queue
}

async function fill(redis: Redis, name: string, run: QueuedRun, tests: readonly PoolTest[]): Promise<void> {
  const queue = await queueOf(redis, run)
  for (let from = 0; from < tests.length; from += bulkSize) {
    const part = tests.slice(from, from + bulkSize)
    await queue.addBulk(
      part.map((test) => ({
        name: test.kind,
        data: { kind: test.kind, name: test.name, data: test.data, givenBack: nothingGivenBack },
      })),
    )
    await writeRun(redis, name, run)
  }
  await queue.close()
}

/** Removes what an earlier run has left. @throws ERR_STATE if it has not ended */
async function removeEnded(redis: Redis, url: string, name: string): Promise<void> {
  const run = await readRun(redis, name)
  if (!run) return
  if (run.total === 0) throw underWay(url, `${run.host} is adding its tests`)
  const queue = await queueOf(redis, run)
  const left = run.total - (await queue.getCompletedCount())
  if (left > 0) throw underWay(url, `${left} tests of ${run.host} are left`)
  await queue.obliterate({ force: true })
  await queue.close()
  await removeRun(redis, name)
}

function underWay(url: string, what: string): StateError {
  return new StateError(
    `a run is under way in the queue at ${hiddenPassword(url)}: ${what}; join it by "pool work", or give this run a name of its own`,
  )
}

function bullmq() {
  return optionalPeer('bullmq', () => import('bullmq'))
}

function required(test: PoolTest | undefined, name: string): PoolTest {
  if (!test) throw new StateError(`the queue has the test ${name}, which this run has not added`)
  return test
}
