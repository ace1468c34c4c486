import { requireExecutable } from '../process/executable.ts'
import type { ActionPlan, ActionSurroundings, Argv } from './action-plan.ts'
import type { ActionCommand } from './action-process.ts'
import { ladderOf, taskGraceMs } from './cancelation.ts'
import { writeFiles } from './embedded-files.ts'
import { settlePlan } from './settled-plan.ts'

export interface Prepared {
  /** The command line as configured, for people. */
  readonly argv: Argv
  readonly command: Omit<ActionCommand, 'output'>
}

/**
 * Writes the embedded files of an action and returns the command to start.
 *
 * @throws ERR_ACTION when a file cannot be written, ERR_CONFIG for an invalid filename, ERR_MISSING_BINARY
 */
export function prepare(plan: ActionPlan, around: ActionSurroundings): Prepared {
  const { cancelation = { mode: 'terminate' } } = plan
  const { directory, owner, environment, defaultGraceMs = taskGraceMs } = around
  const settled = settlePlan(plan, around)
  writeFiles(settled, owner)
  const argv = settled.command
  const lookup = { path: environment.PATH, directory: plan.directory ?? directory }
  const [program, ...rest] = argv
  // Only the sudo user can tell which programs are executable. A program that cannot be run ends with 127 or 126, as in
  // a shell.
  const executable = owner?.via === 'sudo' ? program : requireExecutable(program, lookup)
  const command: Prepared['command'] = {
    argv: [executable, ...rest],
    environment,
    directory: lookup.directory,
    runAs: owner && { account: owner, ownedDirectory: directory },
    ladder: ladderOf(cancelation, defaultGraceMs),
  }
  return { argv, command }
}
