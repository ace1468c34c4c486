import { moduleUrl } from '../../host/modules/package-program.ts'
import type { Run } from '../../run/run.ts'
import { runVariable } from '../../run/run-record.ts'
import type { SettledPlan } from '../settled-plan.ts'
import type { Account } from '../user/account.ts'

/** Record for running an exit in a different process. Stored in the journal, which is closed to foreign users. */
export interface ExitOnDeath {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string
  /** The session's own directory. */
  readonly sessionDirectory: string
  /** Directory for the files, inside `sessionDirectory`; does not exist yet. */
  readonly filesDirectory: string
  readonly files: readonly { readonly path: string; readonly content: string; readonly isRunnable: boolean }[]
  readonly owner?: Account | undefined
}

export interface ExitSurroundings {
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string
  readonly owner: Account | undefined
}

/**
 * Records an exit, so that the guardian runs the exit if this process dies first.
 *
 * @returns a function that removes the record, called after the exit has run
 */
export function recordExit(run: Run, plan: SettledPlan, around: ExitSurroundings): () => void {
  // By the mark of the run, a sweep finds processes started by an earlier sweep that was killed.
  const environment = { ...around.environment, [runVariable]: run.id }
  const data = exitOnDeathOf(plan, { ...around, environment })
  return run.record({
    kind: 'reclaim',
    module: moduleUrl('action-exit-reclaim'),
    data,
    label: 'an environment that was not exited',
  })
}

function exitOnDeathOf(
  { command, directory, files, filesDirectory }: SettledPlan,
  around: ExitSurroundings,
): ExitOnDeath {
  const { environment, directory: sessionDirectory, owner } = around
  return {
    argv: command,
    environment,
    directory: directory ?? sessionDirectory,
    sessionDirectory,
    filesDirectory,
    files,
    owner,
  }
}
