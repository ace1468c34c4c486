import { CommandError } from '../../kernel/errors.ts'
import { describeFailure } from '../script/describe-command.ts'
import type { CommandOptions, CommandResult, WorkflowContext } from '../script/script.ts'

/** Runs a command. @throws ERR_COMMAND if the command fails */
export async function runOrFail(
  context: WorkflowContext,
  command: string | readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const result = await context.run(command, options)
  if (result.exitCode === 0) return result
  throw new CommandError(describeFailure(command, result), result.exitCode)
}
