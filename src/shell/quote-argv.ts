import { quotePosix } from './posix.ts'
import { checkValue } from './variable.ts'

/** Quotes the first word: without quotes, a command `A=b` would be an assignment. */
function quoteCommand(command: string): string {
  const quoted = quotePosix(command)
  return quoted === command && command.includes('=') ? `'${command}'` : quoted
}

/**
 * Returns a command line to paste into a POSIX shell, which runs exactly these arguments.
 *
 * @throws UsageError `ERR_USAGE` for a NUL
 */
export function quoteArguments(argv: readonly string[]): string {
  for (const argument of argv) checkValue(`the argument ${JSON.stringify(argument)}`, argument)
  return argv.map((argument, index) => (index === 0 ? quoteCommand(argument) : quotePosix(argument))).join(' ')
}
