import { StopSignals } from '../../helper/stop-signals.ts'
import { UsageError } from '../../kernel/errors.ts'
import { joinQueue } from '../../pool/queue/open-queue.ts'
import { parseMachines } from '../pool/machines-option.ts'
import { closeAll, provisionersOf } from '../pool/provisioners.ts'
import { type QueueChoice, queueUrl, queueVariable } from '../pool/queue-option.ts'
import { exitCodeOf, type HostOptions, runPool } from '../pool/run-pool.ts'
import { exitCodeIfCanceled, exitCodeOfSignal } from '../terminal/exit-codes.ts'
import { chosenTimeoutMs } from '../terminal/options.ts'

export type PoolWorkOptions = HostOptions & QueueChoice

/** Runs tests of another host's run on machines of this host. Returns the exit code for the tests that ran here. */
export async function poolWork(_words: readonly string[], options: PoolWorkOptions): Promise<number> {
  const url = queueUrl(options)
  if (url === undefined) throw new UsageError(`pool work needs --queue redis://…, or the variable ${queueVariable}`)
  using signals = new StopSignals()
  signals.onParentMessage()
  const machines = provisionersOf(parseMachines(options.machines))
  try {
    const waitMs = chosenTimeoutMs(options)
    await using queue = await joinQueue({ url, name: options.name, waitMs, signal: signals.asked })
    const { reruns, limitMs } = queue.run
    const { outcome } = await runPool(
      { tests: queue, machines, reruns, limitMs: limitMs ?? undefined },
      options,
      signals,
    )
    return signals.received ? exitCodeOfSignal(signals.received) : exitCodeOf[outcome]
  } catch (thrown) {
    return exitCodeIfCanceled(thrown, signals)
  } finally {
    await closeAll(machines, signals)
  }
}
