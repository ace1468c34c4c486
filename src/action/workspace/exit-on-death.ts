import { moduleUrl } from '../../host/modules/package-program.ts'
import type { Run } from '../../run/run.ts'
import { runVariable } from '../../run/run-record.ts'
import type { SettledPlan } from '../settled-plan.ts'
import type { Account } from '../user/account.ts'

/** Record for running an exit in a different process. Stored in the journal, which is closed to foreign users. */
export interface ExitOnDeath extends Pick<SettledPlan, 'files' | 'filesDirectory'> {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string
  /** The session's own directory. */
  readonly sessionDirectory: string
  readonly owner: Account | undefined
}

/**
 * Records an exit, so that the guardian runs the exit if this process dies first.
 *
 * @returns a function that removes the record, called after the exit has run
 */
export function recordExit(
  run: Run,
  { command: argv, directory, files, filesDirectory }: SettledPlan,
  around: Pick<ExitOnDeath, 'environment' | 'sessionDirectory' | 'owner'>,
): () => void {
  // By the mark of the run, a sweep finds processes started by an earlier sweep that was killed.
  const environment = { ...around.environment, [runVariable]: run.id }
  const place = { directory: directory ?? around.sessionDirectory, filesDirectory }
  const data: ExitOnDeath = { ...around, ...place, argv, environment, files }
  const label = 'an environment that was not exited'
  return run.record({ kind: 'reclaim', module: moduleUrl('action-exit-reclaim'), data, label })
}
