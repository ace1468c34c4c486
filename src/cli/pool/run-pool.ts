import { relative } from 'node:path'
import { findConfig } from '../../config/find-config.ts'
import { findStack } from '../../config/stack.ts'
import type { StopSignals } from '../../helper/stop-signals.ts'
import { timestamp } from '../../kernel/clock.ts'
import { asError, UsageError } from '../../kernel/errors.ts'
import { onAbort } from '../../kernel/on-abort.ts'
import { ownCommand } from '../../kernel/own-command.ts'
import { Pool } from '../../pool/pool.ts'
import type { PoolOptions } from '../../pool/pool-options.ts'
import { servicesOnMachine } from '../../pool/services/services-on-machine.ts'
import { isFull } from '../../results/disk-error.ts'
import type { ResultSink, RunOutcome, RunSummary } from '../../results/result-sink.ts'
import { createResults, type ResultsDirectory } from '../../results/results-directory.ts'
import { exitCodes } from '../terminal/exit-codes.ts'
import type { GlobalOptions } from '../terminal/options.ts'
import { createPoolDisplay, type PoolDisplay } from './pool-display.ts'
import { describeSummary } from './pool-text.ts'

/** Options of a pool on the local host. */
export interface HostOptions extends GlobalOptions {
  readonly machines: string
  readonly output?: string
  readonly spares: number
  readonly services: 'own' | 'shared' | 'none'
}

type What = Pick<PoolOptions, 'tests' | 'machines' | 'setUpMachine' | 'cleanUpMachine' | 'reruns' | 'limitMs'> & {
  /** Called when no test is left for the local host. Returns the summary to record. Default: the given summary. */
  readonly finish?: (summary: RunSummary, results: ResultsDirectory) => Promise<RunSummary>
}

/** Exit code for each outcome of a run. */
export const exitCodeOf: Readonly<Record<RunOutcome, number>> = {
  passed: exitCodes.done,
  failed: exitCodes.failed,
  infra: exitCodes.infrastructure,
  canceled: exitCodes.infrastructure,
}

/** Runs the tests of a pool under the eyes of a person, and writes the results. */
export async function runPool(
  { finish, ...what }: What,
  options: HostOptions,
  signals: StopSignals,
): Promise<RunSummary> {
  const { reruns } = what
  const { spares, machines } = options
  const config = await configFor(options, signals.asked)
  await using results = newResults(options, { machines, reruns, spares })
  const shared = options.services === 'shared'
  const services = config === undefined ? undefined : servicesOnMachine(config, { shared, results })
  const pool = new Pool({ ...what, results: unfinished(results), services, spares, signal: signals.asked })
  using _force = onAbort(signals.forceSignal, () => void pool.stop({ force: true }))
  const display = createPoolDisplay(options)
  const shown = show(pool, display)
  const here = await pool.run().finally(() => display.end())
  await shown
  const say = (text: string): void => {
    if (!options.quiet || here.outcome !== 'passed') process.stderr.write(text)
  }
  // A test that is not run here may still run on another host.
  say(`${describeSummary(finish ? { ...here, notRun: 0, reason: null } : here)}\n`)
  const summary = finish ? await finish(here, results) : here
  await results.finish(summary)
  const directory = relative(process.cwd(), results.path) || '.'
  say(`results: ${directory}; "${ownCommand()} report ${directory}" shows them\n`)
  return summary
}

/** Returns the results for a pool: the run may go on after the pool, on other hosts. */
function unfinished(results: ResultsDirectory): ResultSink {
  return {
    begin: (attempt) => results.begin(attempt),
    machine: (row) => results.machine(row),
    service: (row) => results.service(row),
    finish: async () => {},
  }
}

async function show(pool: Pool, display: PoolDisplay): Promise<void> {
  for await (const event of pool) display.onEvent(event)
}

/** Returns the config file with the services for the tests. @throws ERR_CONFIG if the file cannot be loaded */
async function configFor({ services, config }: HostOptions, signal: AbortSignal): Promise<string | undefined> {
  const file = config ?? findConfig(process.cwd())
  if (services === 'none' || file === undefined) return undefined
  await findStack({ directory: process.cwd(), configFile: file, signal })
  return file
}

/**
 * Makes the directory for the results. Default: a new directory for each run, in `pool-results`.
 *
 * @throws ERR_USAGE if the chosen directory cannot take results; ERR_RESULTS for a full disk
 */
function newResults({ output }: HostOptions, config: unknown): ResultsDirectory {
  const path = output ?? `pool-results/${timestamp().replaceAll(':', '-')}`
  try {
    return createResults({ path, config })
  } catch (thrown) {
    const { message, cause } = asError(thrown)
    if (output === undefined || isFull(cause)) throw thrown
    throw new UsageError(`--output: ${message}`, { cause: thrown })
  }
}
