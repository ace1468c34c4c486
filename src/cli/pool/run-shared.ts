import { resolve } from 'node:path'
import type { StopSignals } from '../../helper/stop-signals.ts'
import { settlesWithin } from '../../kernel/deadline.ts'
import { hasCode } from '../../kernel/errors.ts'
import { lazy } from '../../kernel/lazy.ts'
import { Durations } from '../../pool/durations.ts'
import type { PoolOptions } from '../../pool/pool-options.ts'
import { openQueue } from '../../pool/queue/open-queue.ts'
import type { SharedQueue, TestCounts } from '../../pool/queue/shared-queue.ts'
import type { PoolTest } from '../../pool/tests/pool-test.ts'
import type { RunOutcome, RunSummary } from '../../results/result-sink.ts'
import type { ResultsDirectory } from '../../results/results-directory.ts'
import { describeCounts, describeElsewhere } from './queue-text.ts'
import { type HostOptions, runPool } from './run-pool.ts'

/** How long the end of a run waits for the server, and for other hosts, in milliseconds. */
const endMs = 5_000

interface SharedOptions {
  readonly url: string
  /** Directory of the FMF tree. */
  readonly fmf?: string
  /** Whether the server of the queue ends with this run: then the other hosts leave first. Default: `false`. */
  readonly isOwnServer?: boolean
}

type What = Pick<PoolOptions, 'machines' | 'setUpMachine' | 'cleanUpMachine' | 'reruns' | 'limitMs'> & {
  readonly tests: readonly PoolTest[]
}

/**
 * Runs tests on all hosts of a queue, the local host included, and waits until all tests are done. A stop ends the run
 * on all hosts.
 */
export async function runShared(
  what: What,
  options: HostOptions & SharedOptions,
  signals: StopSignals,
): Promise<RunOutcome> {
  const { url, name, fmf = '.', isOwnServer = false } = options
  const tests = Durations.load(process.cwd()).longestFirst(what.tests)
  await using queue = await openQueue({
    ...what,
    url,
    name,
    tests,
    directories: [...new Set([process.cwd(), resolve(fmf)])],
  })
  // Without the local host, no process waits for the results. A dead server cannot be told.
  const end = lazy(async () => {
    await settlesWithin(queue.end(), endMs)
    if (isOwnServer) await settlesWithin(queue.whenAlone(), endMs)
  })
  const finish = async (summary: RunSummary, results: ResultsDirectory): Promise<RunSummary> => {
    if (queue.left > 0 && !signals.asked.aborted) await waitForOthers(queue, signals.asked)
    await end()
    return finishOnAllHosts(queue, { summary, results, signals })
  }
  try {
    return (await runPool({ ...what, tests: queue, finish }, options, signals)).outcome
  } finally {
    await end()
  }
}

async function waitForOthers(queue: SharedQueue, signal: AbortSignal): Promise<void> {
  process.stderr.write(`waiting for ${queue.left} tests of other hosts\n`)
  try {
    await queue.whenDone(signal)
  } catch (thrown) {
    if (!signal.aborted || hasCode(thrown, 'ERR_TRANSPORT')) throw thrown
  }
}

interface EndOfRun {
  readonly summary: RunSummary
  readonly results: ResultsDirectory
  readonly signals: StopSignals
}

/** Adds the tests of the other hosts to the results, and shows the numbers of all hosts. */
async function finishOnAllHosts(queue: SharedQueue, { summary, results, signals }: EndOfRun): Promise<RunSummary> {
  const counting = queue.counts()
  if (signals.asked.aborted && !(await settlesWithin(counting, endMs))) return summary
  const counts = await counting
  for await (const attempts of queue.attemptsElsewhere()) {
    await results.elsewhere(attempts)
    process.stderr.write(describeElsewhere(attempts))
  }
  process.stderr.write(`on all hosts: ${describeCounts(counts)}\n`)
  return { ...summary, notRun: counts.notRun, outcome: signals.asked.aborted ? 'canceled' : outcomeOf(counts) }
}

function outcomeOf({ failed, infra, notRun }: TestCounts): RunOutcome {
  if (failed > 0) return 'failed'
  return infra + notRun > 0 ? 'infra' : 'passed'
}
