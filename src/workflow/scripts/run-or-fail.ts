import { CommandError } from '../../kernel/errors.ts'
import { quoteArguments } from '../../shell/quote-argv.ts'
import type { CommandOptions, CommandResult, WorkflowContext } from '../script/script.ts'

/** Runs a command of a script. @throws ERR_COMMAND if the command fails */
export async function runOrFail(
  context: WorkflowContext,
  command: string | readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const result = await context.run(command, options)
  const { exitCode, signal } = result
  if (exitCode === 0) return result
  const line = typeof command === 'string' ? command : quoteArguments(command)
  throw new CommandError(`"${line}" ended with ${signal ?? `exit code ${exitCode}`}`, exitCode)
}
