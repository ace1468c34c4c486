import type { Queue, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { optionalPeer } from '../../host/modules/optional-peer.ts'
import { keyPrefix } from './run-key.ts'
import type { QueuedRun } from './shared-queue.ts'
import type { CountedAttempt, QueuedTest } from './taken-job.ts'

/**
 * BullMQ's check of the version also prints advice unsuitable for a queue of tests: our own check stands for BullMQ's.
 */
const options = { prefix: keyPrefix, skipVersionCheck: true } as const

/** @throws ERR_MISSING_BINARY without bullmq */
export async function createQueue(redis: Redis, { id }: QueuedRun): Promise<Queue<QueuedTest, CountedAttempt>> {
  const { Queue } = await bullmq()
  const queue = new Queue<QueuedTest, CountedAttempt>(id, { ...options, connection: redis })
  queue.on('error', () => {}) // seen by the next request to the server
  return queue
}

/** Returns a worker for taking tests on request. The worker also gives back the tests of silent hosts. */
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
    // `TakenJob` decides about a test after the death of hosts.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
  })
  worker.on('error', () => {})
  await worker.startStalledCheckTimer()
  return worker
}

function bullmq() {
  return optionalPeer('bullmq', () => import('bullmq'))
}
