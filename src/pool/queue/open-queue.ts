import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Redis } from 'ioredis'
import { timestamp } from '../../kernel/clock.ts'
import { Deadline } from '../../kernel/deadline.ts'
import { ConfigError, DeadlineError, NotRunningError, StateError } from '../../kernel/errors.ts'
import { poll } from '../../kernel/poll.ts'
import { makeTest } from '../tests/make-test.ts'
import type { PoolTest } from '../tests/pool-test.ts'
import { BullQueue } from './bull-queue.ts'
import { createQueue, createWorker } from './bullmq-client.ts'
import { hiddenPassword } from './hidden-password.ts'
import { HostRecord, readHosts, removeHosts } from './host-record.ts'
import { connectRedis } from './redis-connection.ts'
import { claimRun, readRun, removeRun, writeRun } from './run-key.ts'
import type { QueuedRun, SharedQueue } from './shared-queue.ts'
import type { QueuedTest } from './taken-job.ts'
import { checkNames } from './unique-names.ts'

/** Where a queue is. */
export interface QueueOptions {
  /** `redis://user:password@host:6379`; `rediss://` with TLS. */
  readonly url: string
  /** Name of the run, if a server has several. Default: `default`. */
  readonly name?: string | undefined
}

/** Options of `openQueue`. */
export interface NewQueueOptions extends QueueOptions {
  /** The tests, in the order for the hosts: see `Durations.longestFirst`. */
  readonly tests: readonly PoolTest[]
  /** How often a failed test is run again, for `joinQueue().run.reruns`. Default: 0. */
  readonly reruns?: number | undefined
  /** Limit of an attempt if the test sets none, for `joinQueue().run.limitMs`, in milliseconds. */
  readonly limitMs?: number | undefined
  /** Directories that the tests need on each host, at the same path: the project, for example. Default: none. */
  readonly directories?: readonly string[] | undefined
  /**
   * How long a host may be silent, in milliseconds, before the queue gives the host's tests to other hosts. Default:
   * 15,000; the tests are given back within twice this time.
   */
  readonly lockMs?: number | undefined
}

/** Options of `joinQueue`. */
export interface JoinedQueueOptions extends QueueOptions {
  /** Makes tests of kinds unknown to test-services again, by the name of the kind. Default: none. */
  readonly kinds?: Readonly<Record<string, (data: never) => PoolTest>> | undefined
  /** How long to wait for a run to begin, in milliseconds. Default: 60,000. */
  readonly waitMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

const defaultName = 'default'
const defaultLockMs = 15_000
const defaultWaitMs = 60_000
const bulkSize = 1_000
/** How long the server may leave a command without an answer, in milliseconds. */
const silenceMs = 10_000
const nothingGivenBack = { failed: 0, infra: 0, canceled: 0 }

/**
 * Puts tests into a queue for several hosts, in the given order, and returns the queue for the local host.
 *
 * @throws ERR_TRANSPORT if the server cannot be used; ERR_STATE if a run of the name is under way; ERR_CONFIG if two
 *   tests have the same name; ERR_MISSING_BINARY without bullmq and ioredis
 */
export async function openQueue({ tests, ...options }: NewQueueOptions): Promise<SharedQueue> {
  const { url, name = defaultName } = options
  checkNames(tests)
  const byName = new Map(tests.map((test) => [test.name, test]))
  const redis = await connectRedis(url, silenceMs)
  try {
    await removeOld(redis, url, name)
    const filling = newRun(options, tests.length)
    if (!(await claimRun(redis, name, filling))) throw underWay(url, 'its tests are being added')
    await fill(redis, filling, tests)
    const run = { ...filling, state: 'open' } as const
    await writeRun(redis, name, run)
    return await connectQueue(redis, { run, name }, ({ name: test }) => required(byName.get(test), test))
  } catch (thrown) {
    redis.disconnect()
    throw thrown
  }
}

/**
 * Waits until a run of the queue has begun, and joins the run. An ended run does not count.
 *
 * @throws ERR_TRANSPORT if the server cannot be used; ERR_NOT_RUNNING if no run begins in time; ERR_CONFIG if this host
 *   lacks a directory of the run; ERR_CANCELED
 */
export async function joinQueue(options: JoinedQueueOptions): Promise<SharedQueue> {
  const { url, name = defaultName, kinds = {}, waitMs = defaultWaitMs, signal } = options
  const redis = await connectRedis(url, silenceMs)
  try {
    const deadline = new Deadline('waiting for a run', waitMs, signal)
    const run = await poll({ firstMs: 100, lastMs: 1_000, deadline }, () => readOpen(redis, name))
    requireDirectories(run)
    return await connectQueue(redis, { run, name }, (test) => kinds[test.kind]?.(test.data as never) ?? makeTest(test))
  } catch (thrown) {
    redis.disconnect()
    if (!(thrown instanceof DeadlineError)) throw thrown
    const where = hiddenPassword(url)
    throw new NotRunningError(
      `no run has begun in the queue at ${where} within ${waitMs} ms: "pool run --queue" begins one`,
    )
  }
}

/** Checked before a test is taken: here, each test would be one that could not be run. */
function requireDirectories({ host, directories }: QueuedRun): void {
  const missing = directories.find((directory) => !existsSync(directory))
  if (missing === undefined) return
  throw new ConfigError(
    `the run of ${host} needs ${missing}, and this host has no such directory: put the project at the same path as there`,
  )
}

function newRun(
  { lockMs = defaultLockMs, reruns = 0, limitMs, directories = [] }: Omit<NewQueueOptions, 'tests'>,
  total: number,
): QueuedRun {
  const begun = { id: randomUUID(), host: hostname(), begin: timestamp() }
  return { ...begun, total, state: 'filling', lockMs, reruns, limitMs: limitMs ?? null, directories }
}

async function readOpen(redis: Redis, name: string): Promise<QueuedRun | undefined> {
  const run = await readRun(redis, name)
  return run?.state === 'open' && (await countLeft(redis, run)) > 0 ? run : undefined
}

async function countLeft(redis: Redis, run: QueuedRun): Promise<number> {
  const queue = await createQueue(redis, run)
  const left = run.total - (await queue.getCompletedCount())
  await queue.close()
  return left
}

async function connectQueue(
  redis: Redis,
  { run, name }: { readonly run: QueuedRun; readonly name: string },
  remake: (test: QueuedTest) => PoolTest,
): Promise<BullQueue> {
  const queue = await createQueue(redis, run)
  const worker = await createWorker(redis, run)
  const opened = new BullQueue({ run, name, redis, queue, worker, remake })
  try {
    await opened.join()
    return opened
  } catch (thrown) {
    await opened.close()
    throw thrown
  }
}

async function fill(redis: Redis, run: QueuedRun, tests: readonly PoolTest[]): Promise<void> {
  const queue = await createQueue(redis, run)
  const record = new HostRecord(redis, run.id, { member: 'filling', lifeMs: 2 * run.lockMs })
  for (let from = 0; from < tests.length; from += bulkSize) {
    await record.write([])
    const part = tests.slice(from, from + bulkSize)
    await queue.addBulk(
      part.map(({ kind, name, data }) => ({ name: kind, data: { kind, name, data, givenBack: nothingGivenBack } })),
    )
  }
  await record.remove()
  await queue.close()
}

/** Removes the remains of an earlier run. @throws ERR_STATE if hosts work on the run */
async function removeOld(redis: Redis, url: string, name: string): Promise<void> {
  const run = await readRun(redis, name)
  if (!run) return
  const left = await countLeft(redis, run)
  const hosts = await readHosts(redis, run.id)
  if (run.state !== 'ended' && left > 0 && hosts.length > 0) {
    throw underWay(url, `${left} tests of ${run.host} are left, on ${hosts.length} hosts`)
  }
  const queue = await createQueue(redis, run)
  await queue.obliterate({ force: true })
  await queue.close()
  await removeHosts(redis, run.id)
  await removeRun(redis, name, run)
}

function underWay(url: string, what: string): StateError {
  return new StateError(
    `a run is under way in the queue at ${hiddenPassword(url)}: ${what}. Join it by "pool work", or give this run a name of its own. A run whose hosts have all died can be replaced half a minute later`,
  )
}

function required(test: PoolTest | undefined, name: string): PoolTest {
  if (!test) throw new StateError(`the queue has the test ${name}, which this run has not added`)
  return test
}
