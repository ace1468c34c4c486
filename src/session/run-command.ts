import type { Action } from '../action/action.ts'
import type { ActionPlan, ActionStatus, Argv } from '../action/action-plan.ts'
import { CommandError } from '../kernel/errors.ts'
import type { Ended } from '../process/ended.ts'

export interface SessionCommand {
  readonly argv: readonly string[]
  /** Variables added to the environment of this process and the session's variables. */
  readonly environment?: Readonly<Record<string, string>>
  /** Default: the present directory. */
  readonly directory?: string
  /** Called before the command begins, with a function that signals the command. */
  readonly onStart?: (signal: (name: NodeJS.Signals) => void) => void
}

/** Returns the action for a command in the terminal. */
export function commandPlan({ argv, directory, onStart }: SessionCommand) {
  const plan: ActionPlan = { command: argv as Argv, directory: directory ?? process.cwd() }
  return {
    name: 'the command',
    plan,
    onStart: (action: Action): void => onStart?.((name) => action.signal(name)),
  }
}

/** Returns how the command ended. @throws the error of a command that could not begin */
export function endOf({ exitCode, signal, error, state }: ActionStatus): Ended {
  if (error) throw error
  if (exitCode === undefined) throw new CommandError(`the command was ${state} before it began`)
  return signal ? { exitCode: null, signal } : { exitCode, signal: null }
}
