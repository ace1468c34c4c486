import type { Queue, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { optionalPeer } from '../../host/modules/optional-peer.ts'
import { keyPrefix } from './run-key.ts'
import type { QueuedRun } from './shared-queue.ts'
import type { CountedAttempt, QueuedTest } from './taken-job.ts'

/** Our check of the version stands for BullMQ's, which also prints advice that is not for users of a queue of tests. */
const options = { prefix: keyPrefix, skipVersionCheck: true } as const

/** @throws ERR_MISSING_BINARY without bullmq */
export async function createQueue(redis: Redis, { id }: QueuedRun): Promise<Queue<QueuedTest, CountedAttempt>> {
  const { Queue } = await bullmq()
  const queue = new Queue<QueuedTest, CountedAttempt>(id, { ...options, connection: redis })
  queue.on('error', () => {}) // seen by the call that needs the server
  return queue
}

/** Returns a worker that takes tests only when it is asked, and gives back those of hosts that are silent. */
export async function createWorker(
  redis: Redis,
  { id, lockMs }: QueuedRun,
): Promise<Worker<QueuedTest, CountedAttempt>> {
  const { Worker } = await bullmq()
  const worker = new Worker<QueuedTest, CountedAttempt>(id, null, {
    ...options,
    connection: redis,
    autorun: false,
    lockDuration: lockMs,
    stalledInterval: lockMs / 2,
    // `TakenJob` says what becomes of a test whose hosts die.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
  })
  worker.on('error', () => {})
  await worker.startStalledCheckTimer()
  return worker
}

function bullmq() {
  return optionalPeer('bullmq', () => import('bullmq'))
}
