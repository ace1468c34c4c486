import { quotePosix } from './posix.ts'
import { checkValue } from './variable.ts'

/** As the command, `A=b` without quotes would be an assignment. */
function quoteCommand(command: string): string {
  const quoted = quotePosix(command)
  return quoted === command && command.includes('=') ? `'${command}'` : quoted
}

/**
 * A command line that can be pasted into a POSIX shell and runs exactly this.
 *
 * @throws UsageError `ERR_USAGE` for a NUL
 */
export function quoteArguments(argv: readonly string[]): string {
  for (const argument of argv) checkValue(`the argument ${JSON.stringify(argument)}`, argument)
  return argv.map((argument, index) => (index === 0 ? quoteCommand(argument) : quotePosix(argument))).join(' ')
}
