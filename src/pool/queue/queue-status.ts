import { createQueue } from './bullmq-client.ts'
import { countTests } from './count-tests.ts'
import { readHosts } from './host-record.ts'
import type { QueueOptions } from './open-queue.ts'
import { connectRedis } from './redis-connection.ts'
import { readRun } from './run-key.ts'
import type { QueueStatus } from './shared-queue.ts'

const silenceMs = 10_000

/**
 * Returns how the run of a queue stands; `undefined` without a run.
 *
 * @throws ERR_TRANSPORT if the server cannot be used
 */
export async function queueStatus({ url, name = 'default' }: QueueOptions): Promise<QueueStatus | undefined> {
  const redis = await connectRedis(url, silenceMs)
  try {
    const run = await readRun(redis, name)
    if (!run) return undefined
    const queue = await createQueue(redis, run)
    const counts = await countTests(queue, run)
    const hosts = await readHosts(redis, run.id)
    await queue.close()
    return { run, counts, hosts }
  } finally {
    redis.disconnect()
  }
}
