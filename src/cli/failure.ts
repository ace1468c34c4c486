import { isFormat, printFailure } from '../shell/format.ts'
import { colors } from './colors.ts'

/** The subcommands whose output a shell evaluates; without a subcommand it is `start`. */
const notEvaluated = new Set(['exec', 'status', 'logs', 'reset', 'sweep', 'help', '--help', '-h'])

/** Makes the `eval` fail too: standard output carries `false`, in the words of the caller's shell. */
export function printFailureFor(argv: readonly string[]): void {
  if (process.stdout.isTTY || notEvaluated.has(argv[0] ?? '')) return
  const asked = argv[argv.findIndex((argument) => argument === '--shell' || argument === '--format') + 1] ?? ''
  process.stdout.write(printFailure(isFormat(asked) ? asked : 'sh'))
}

/** The message of an error, and of each further one of several; a stack only for what is no error of ours. */
export function describeError(error: Error): string {
  const [first = error, ...others] = error instanceof AggregateError ? (error.errors as Error[]) : [error]
  const lines = [`${colors.red('error')}: ${first.message}`]
  for (const other of others) lines.push(`${colors.red('and')}: ${other.message}`)
  return lines.join('\n')
}
