import { actionExitModule } from '../host/package-program.ts'
import type { Run } from '../run/run.ts'
import { runVariable } from '../run/run-record.ts'
import type { Account } from './account.ts'
import type { SettledPlan } from './settled-plan.ts'

/** All that another process needs to run an exit: in the journal, which nobody else can read. */
export interface StandbyExit {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string
  /** The session's own directory. */
  readonly place: string
  /** In it; it does not exist yet. */
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
 * Has the guardian run an exit, should this process die before it does.
 *
 * @returns what records that it has been run
 */
export function recordExit(run: Run, plan: SettledPlan, around: ExitSurroundings): () => void {
  // The mark of the run lets a sweep find what another sweep, which was killed, has started.
  const environment = { ...around.environment, [runVariable]: run.id }
  const data = standbyOf(plan, { ...around, environment })
  return run.record({ kind: 'undo', module: actionExitModule(), data, label: 'an environment that was not exited' })
}

function standbyOf({ command, directory, files, filesDirectory }: SettledPlan, around: ExitSurroundings): StandbyExit {
  const { environment, directory: place, owner } = around
  return { argv: command, environment, directory: directory ?? place, place, filesDirectory, files, owner }
}
