import type { Queue } from 'bullmq'
import type { QueuedRun, TestCounts } from './shared-queue.ts'
import type { CountedAttempt, QueuedTest } from './taken-job.ts'

const pageSize = 1_000

/** Counts the tests of a run by the counted attempts in the server. */
export async function countTests(queue: Queue<QueuedTest, CountedAttempt>, { total }: QueuedRun): Promise<TestCounts> {
  const counts = { passed: 0, failed: 0, infra: 0 }
  const hosts: Record<string, number> = {}
  let done = 0
  for await (const { state, host } of countedAttempts(queue)) {
    done++
    hosts[host] = (hosts[host] ?? 0) + 1
    if (state === 'passed' || state === 'failed' || state === 'infra') counts[state]++
  }
  return { ...counts, notRun: Math.max(0, total - done), hosts }
}

/** Yields the counted attempts, in the order of ending. */
async function* countedAttempts(queue: Queue<QueuedTest, CountedAttempt>): AsyncGenerator<CountedAttempt> {
  for (let from = 0; ; from += pageSize) {
    const page = await queue.getJobs(['completed'], from, from + pageSize - 1, true)
    for (const { returnvalue } of page) yield returnvalue
    if (page.length < pageSize) return
  }
}
