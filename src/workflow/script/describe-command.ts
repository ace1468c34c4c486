import { quoteArguments } from '../../shell/quote-argv.ts'
import type { CommandResult } from './script.ts'

/** Returns a command as one line for a shell. */
function commandLine(command: string | readonly string[]): string {
  return typeof command === 'string' ? command : quoteArguments(command)
}

/** Returns a command as one line of a terminal, cut at a width. */
export function oneLine(command: string | readonly string[], width: number): string {
  const text = commandLine(command).replaceAll(/\s+/g, ' ')
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}

/** Width of a command in a message. The record of the command has the whole. */
const messageWidth = 120

/** Returns a command in quotes, for messages. */
export function describeCommand(command: string | readonly string[]): string {
  return `"${oneLine(command, messageWidth)}"`
}

/** Returns `"make" ended with exit code 2`. */
export function describeFailure(
  command: string | readonly string[],
  { exitCode, signal }: Pick<CommandResult, 'exitCode' | 'signal'>,
): string {
  return `${describeCommand(command)} ended with ${signal === undefined ? `exit code ${exitCode}` : `signal ${signal}`}`
}
