import { quoteArguments } from '../../shell/quote-argv.ts'
import type { CommandResult } from './script.ts'

/** Returns a command as one line for a shell. */
export function commandLine(command: string | readonly string[]): string {
  return typeof command === 'string' ? command : quoteArguments(command)
}

/** Returns a command in quotes, for messages. */
export function describeCommand(command: string | readonly string[]): string {
  return `"${commandLine(command)}"`
}

/** Returns `"make" ended with exit code 2`. */
export function describeFailure(
  command: string | readonly string[],
  { exitCode, signal }: Pick<CommandResult, 'exitCode' | 'signal'>,
): string {
  return `${describeCommand(command)} ended with ${signal === undefined ? `exit code ${exitCode}` : `signal ${signal}`}`
}
