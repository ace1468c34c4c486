import { StopSignals } from '../../helper/stop-signals.ts'
import { UsageError } from '../../kernel/errors.ts'
import type { PoolOptions } from '../../pool/pool-options.ts'
import type { RunOutcome } from '../../results/result-sink.ts'
import { collectTests, type TestSelection } from '../pool/collect-tests.ts'
import { parseMachines } from '../pool/machines-option.ts'
import { closeAll, provisionersOf } from '../pool/provisioners.ts'
import { type QueueChoice, queueUrl } from '../pool/queue-option.ts'
import { exitCodeOf, type HostOptions, runPool } from '../pool/run-pool.ts'
import { runShared } from '../pool/run-shared.ts'
import { startListening } from '../pool/start-listening.ts'
import { exitCodeIfCanceled, exitCodeOfSignal } from '../terminal/exit-codes.ts'
import { chosenTimeoutMs } from '../terminal/options.ts'

export interface PoolRunOptions extends HostOptions, TestSelection, QueueChoice {
  readonly reruns: number
  /** Address by which other hosts reach the local host. `true`: the first address of a network interface. */
  readonly listen?: string | true
}

/** Gives tests to machines, and writes their results. Returns the exit code. */
export async function poolRun(words: readonly string[], options: PoolRunOptions): Promise<number> {
  const url = queueUrl(options)
  if (options.listen !== undefined && url !== undefined)
    throw new UsageError('--listen and --queue exclude each other: --listen starts a queue of its own')
  using signals = new StopSignals()
  signals.onParentMessage()
  const machines = provisionersOf(parseMachines(options.machines))
  try {
    const { tests, ...hooks } = await collectTests(words, options, signals.asked)
    const what = { ...hooks, tests, machines, reruns: options.reruns, limitMs: chosenTimeoutMs(options) }
    const outcome = await runOn(what, { ...options, url }, signals)
    return signals.received ? exitCodeOfSignal(signals.received) : exitCodeOf[outcome]
  } catch (thrown) {
    return exitCodeIfCanceled(thrown, signals)
  } finally {
    await closeAll(machines, signals)
  }
}

type What = Parameters<typeof runShared>[0] & PoolOptions

/** Runs the tests on the local host alone, or on all hosts of a queue. */
async function runOn(
  what: What,
  options: PoolRunOptions & { readonly url: string | undefined },
  signals: StopSignals,
): Promise<RunOutcome> {
  const { listen, url } = options
  if (listen !== undefined) {
    await using listening = await startListening(listen, signals.asked)
    process.stderr.write(`other hosts join by: ${listening.join}\n`)
    return await runShared(what, { ...options, url: listening.url, isOwnServer: true }, signals)
  }
  if (url !== undefined) return runShared(what, { ...options, url }, signals)
  return (await runPool(what, options, signals)).outcome
}
