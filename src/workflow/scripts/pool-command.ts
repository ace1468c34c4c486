import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { packageProgram } from '../../host/modules/package-program.ts'
import { CommandError } from '../../kernel/errors.ts'
import { initiator } from '../config/transport-names.ts'
import type { WorkflowContext } from '../script/script.ts'

export interface PoolCommand {
  /** Arguments of `pool run`. */
  readonly argv: readonly string[]
  /** Directory of the project; begins in the directory of the workflow. */
  readonly directory: string
  readonly environment?: Readonly<Record<string, string>> | undefined
}

/**
 * Runs `test-services pool run` on this machine, as a command on record. The results and their report become the
 * artifact `results`, also if the tests fail or are canceled.
 *
 * @throws ERR_COMMAND with the headline of the results if tests fail
 */
export async function runPool(context: WorkflowContext, command: PoolCommand): Promise<void> {
  const results = join(context.artifacts, 'results')
  const argv = [...packageProgram('cli'), 'pool', 'run', '--output', results, ...command.argv]
  const { environment } = command
  const directory = resolve(context.directory, command.directory)
  const [ran] = await Promise.allSettled([context.run(argv, { transport: initiator, directory, environment })])
  const headline = await report(results)
  context.log(headline)
  if (ran.status === 'rejected') throw ran.reason
  const { exitCode } = ran.value
  if (exitCode !== 0) throw new CommandError(headline, exitCode)
}

/** Returns the option of `pool run` for a config file of Vitest. */
export function vitestConfig(file: string | undefined): string[] {
  return file === undefined ? [] : ['--vitest-config', file]
}

/** Writes the report of the results, and returns its headline. */
async function report(results: string): Promise<string> {
  if (!existsSync(join(results, 'run.json'))) return 'no test was run; the output of the command says why'
  const { writeReport } = await import('../../report/write-report.ts')
  return (await writeReport(results)).headline
}
