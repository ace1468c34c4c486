import { join } from 'node:path'
import { actionExitModule } from '../host/package-program.ts'
import { randomName } from '../host/secret.ts'
import type { Run } from '../run/run.ts'
import { runVariable } from '../run/run-record.ts'
import type { Account } from './account.ts'
import type { ActionPlan } from './action-plan.ts'
import { allocatePaths } from './embedded-files.ts'

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
  readonly pathMappingFile: string
  readonly owner: Account | undefined
}

const nameLength = 12

/**
 * Has the guardian run an exit, should this process die before it does.
 *
 * @returns what records that it has been run
 */
export function recordExit(run: Run, plan: ActionPlan, around: ExitSurroundings): () => void {
  // Of the run, so that a sweep finds what another one, that was killed, has started of it.
  const environment = { ...around.environment, [runVariable]: run.id }
  const data = tryStandbyOf(plan, { ...around, environment })
  if (!data) return () => {}
  return run.record({ kind: 'undo', module: actionExitModule(), data, label: 'an environment that was not exited' })
}

/** One that cannot be made will not run here either, and fail then, with the reason. */
function tryStandbyOf(plan: ActionPlan, around: ExitSurroundings): StandbyExit | undefined {
  try {
    return standbyOf(plan, around)
  } catch {
    return undefined
  }
}

function standbyOf({ command, embeddedFiles = {}, directory }: ActionPlan, around: ExitSurroundings): StandbyExit {
  const filesDirectory = join(around.directory, `exit_files-${randomName(nameLength)}`)
  const paths = allocatePaths(embeddedFiles, filesDirectory)
  const files = Object.entries(embeddedFiles).map(([name, { data, runnable = false }]) => ({
    path: paths[name] ?? '',
    content: typeof data === 'function' ? data(paths) : data,
    isRunnable: runnable,
  }))
  const { environment, pathMappingFile, owner } = around
  const context = { files: paths, directory: around.directory, pathMappingFile }
  const argv = typeof command === 'function' ? command(context) : command
  const place = around.directory
  return { argv, environment, directory: directory ?? place, place, filesDirectory, files, owner }
}
