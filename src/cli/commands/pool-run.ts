import { relative } from 'node:path'
import { findConfig } from '../../config/find-config.ts'
import { findStack } from '../../config/stack.ts'
import { StopSignals } from '../../helper/stop-signals.ts'
import { timestamp } from '../../kernel/clock.ts'
import { onAbort } from '../../kernel/on-abort.ts'
import { ownCommand } from '../../kernel/own-command.ts'
import { allSettledOrThrow } from '../../kernel/settled.ts'
import { Pool } from '../../pool/pool.ts'
import type { PoolOptions } from '../../pool/pool-options.ts'
import { servicesOnMachine } from '../../pool/services/services-on-machine.ts'
import type { RunOutcome } from '../../results/result-sink.ts'
import { createResults } from '../../results/results-directory.ts'
import { collectTests, type TestSelection } from '../pool/collect-tests.ts'
import { parseMachines } from '../pool/machines-option.ts'
import { createPoolDisplay, type PoolDisplay } from '../pool/pool-display.ts'
import { describeSummary } from '../pool/pool-text.ts'
import { provisionersOf } from '../pool/provisioners.ts'
import { exitCodeOfSignal, exitCodes } from '../terminal/exit-codes.ts'
import { chosenTimeoutMs, type GlobalOptions } from '../terminal/options.ts'

export interface PoolRunOptions extends GlobalOptions, TestSelection {
  readonly machines: string
  readonly output?: string
  readonly reruns: number
  readonly spares: number
  readonly services: 'own' | 'shared' | 'none'
}

const exitCodeOf: Readonly<Record<RunOutcome, number>> = {
  passed: exitCodes.done,
  failed: exitCodes.failed,
  infra: exitCodes.infrastructure,
  canceled: exitCodes.infrastructure,
}

/** Gives tests to machines, and writes their results. Returns the exit code. */
export async function poolRun(words: readonly string[], options: PoolRunOptions): Promise<number> {
  using signals = new StopSignals()
  signals.onParentMessage()
  const machines = provisionersOf(parseMachines(options.machines))
  try {
    const { tests, ...hooks } = await collectTests(words, options, signals.asked)
    return await runTests({ ...hooks, tests, machines }, options, signals)
  } finally {
    await allSettledOrThrow(machines.map((provisioner) => provisioner.close()))
  }
}

/** Runs the tests of a pool under the eyes of a person. */
async function runTests(
  what: Pick<PoolOptions, 'tests' | 'machines' | 'setUpMachine' | 'cleanUpMachine'>,
  options: PoolRunOptions,
  signals: StopSignals,
): Promise<number> {
  const { reruns, spares, machines } = options
  const config = await configFor(options, signals.asked)
  await using results = createResults({ path: outputOf(options), config: { machines, reruns, spares } })
  const shared = options.services === 'shared'
  const services = config === undefined ? undefined : servicesOnMachine(config, { shared, results })
  const limitMs = chosenTimeoutMs(options)
  const pool = new Pool({
    ...what,
    results,
    services,
    reruns,
    spares,
    limitMs,
    signal: signals.asked,
  })
  using _force = onAbort(signals.forceSignal, () => void pool.stop({ force: true }))
  const display = createPoolDisplay(options)
  const shown = show(pool, display)
  const summary = await pool.run().finally(() => display.end())
  await shown
  const directory = relative(process.cwd(), results.path) || '.'
  process.stderr.write(
    `${describeSummary(summary)}\nresults: ${directory}; "${ownCommand()} report ${directory}" shows them\n`,
  )
  return signals.received ? exitCodeOfSignal(signals.received) : exitCodeOf[summary.outcome]
}

async function show(pool: Pool, display: PoolDisplay): Promise<void> {
  for await (const event of pool) display.onEvent(event)
}

/** Returns the config file whose services the tests get. @throws ERR_CONFIG if it cannot be loaded */
async function configFor({ services, config }: PoolRunOptions, signal: AbortSignal): Promise<string | undefined> {
  const file = config ?? findConfig(process.cwd())
  if (services === 'none' || file === undefined) return undefined
  await findStack({ directory: process.cwd(), configFile: file, signal })
  return file
}

/** Returns the directory for the results: one for each run, beside each other. */
function outputOf({ output }: PoolRunOptions): string {
  return output ?? `pool-results/${timestamp().replaceAll(':', '-')}`
}
