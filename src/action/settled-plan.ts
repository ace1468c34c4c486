import type { ActionPlan, ActionSurroundings, Argv } from './action-plan.ts'
import { allocatePaths, type FilePaths } from './embedded-files.ts'

/** A plan whose functions have been called. The results are used at every run of the plan. */
export interface SettledPlan extends ActionPlan {
  readonly command: Argv
  readonly files: readonly SettledFile[]
  /** Directory for the files alone; does not exist yet. */
  readonly filesDirectory: string
}

interface SettledFile {
  readonly name: string
  readonly path: string
  readonly content: string
  readonly isRunnable: boolean
}

type Surroundings = Pick<ActionSurroundings, 'directory' | 'filesDirectory' | 'pathMappingFile' | 'ports'>

/**
 * Calls the functions of a plan, each once.
 *
 * @throws ERR_CONFIG for an invalid filename; errors of the functions
 */
export function settlePlan(plan: ActionPlan, around: Surroundings): SettledPlan {
  if (isSettled(plan)) return plan
  const { directory, filesDirectory, pathMappingFile, ports = {} } = around
  const paths = allocatePaths(plan.embeddedFiles ?? {}, filesDirectory)
  const files = contentsOf(plan, paths)
  const { command } = plan
  const argv = typeof command === 'function' ? command({ files: paths, directory, pathMappingFile, ports }) : command
  return { ...plan, command: argv, files, filesDirectory }
}

/** Whether the functions of the plan have been called. */
export function isSettled(plan: ActionPlan): plan is SettledPlan {
  return 'filesDirectory' in plan
}

function contentsOf({ embeddedFiles = {} }: ActionPlan, paths: FilePaths): SettledFile[] {
  return Object.entries(embeddedFiles).map(([name, { data, runnable = false }]) => {
    const content = typeof data === 'function' ? data(paths) : data
    return { name, path: paths[name] ?? '', content, isRunnable: runnable }
  })
}
