import type { Queue } from 'bullmq'
import type { AttemptRow } from '../../results/rows.ts'
import type { QueuedRun, TestCounts } from './shared-queue.ts'
import type { CountedAttempt, QueuedTest, TestJob } from './taken-job.ts'

const pageSize = 1_000

/** Counts the tests of a run by the counted attempts in the server. */
export async function countTests(queue: Queue<QueuedTest, CountedAttempt>, { total }: QueuedRun): Promise<TestCounts> {
  const counts = { passed: 0, failed: 0, infra: 0 }
  const hosts: Record<string, number> = {}
  let done = 0
  for await (const page of countedTests(queue)) {
    done += page.length
    for (const { returnvalue } of page) {
      const { state, host } = returnvalue
      hosts[host] = (hosts[host] ?? 0) + 1
      if (state === 'passed' || state === 'failed' || state === 'infra') counts[state]++
    }
  }
  return { ...counts, notRun: Math.max(0, total - done), hosts }
}

/**
 * Yields the counted attempts of all processes but one, in the order of ending.
 *
 * @param member name of the process, and beginning of the tokens of its attempts
 */
export async function* attemptsElsewhere(
  queue: Queue<QueuedTest, CountedAttempt>,
  member: string,
): AsyncGenerator<readonly AttemptRow[]> {
  for await (const page of countedTests(queue))
    yield page.filter(({ returnvalue }) => !returnvalue.token.startsWith(`${member}:`)).map(attemptOf)
}

/** Yields the done tests, in the order of ending. */
async function* countedTests(queue: Queue<QueuedTest, CountedAttempt>): AsyncGenerator<readonly TestJob[]> {
  for (let from = 0; ; from += pageSize) {
    const page = await queue.getJobs(['completed'], from, from + pageSize - 1, true)
    yield page
    if (page.length < pageSize) return
  }
}

/** Returns the attempt as far as the queue knows it: exit code and notes are with the host of the attempt. */
function attemptOf({ data, returnvalue, processedOn = 0, finishedOn = 0 }: TestJob): AttemptRow {
  const { attempt: id, host, machine, platform, state } = returnvalue
  const number = Number(id.slice(id.lastIndexOf('#') + 1))
  const times = { begin: isoTime(processedOn), end: isoTime(finishedOn) }
  const unknown = { exitCode: null, signal: null, rerun: null, note: null }
  return { id, test: data.name, number, platform, machine, host, ...times, state, ...unknown }
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
