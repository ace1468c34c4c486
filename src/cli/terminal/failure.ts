import { detectShell } from '../../shell/detect.ts'
import { type Format, isFormat, printFailure } from '../../shell/format.ts'
import { colors } from './colors.ts'
import type { GlobalOptions } from './options.ts'

/** Subcommands whose output a shell evaluates. Other subcommands print for people, for programs, or not at all. */
const evaluated: readonly string[] = ['start', 'stop', 'env']

/** Makes the `eval` fail too: prints `false` to standard output, in the syntax of the caller's shell. */
export function printFailureFor(subcommand: string, options: Partial<GlobalOptions>): void {
  if (evaluated.includes(subcommand) && !process.stdout.isTTY) process.stdout.write(printFailure(readerOf(options)))
}

/** Returns the output format as far as the options are valid: an invalid option may be the failure. */
function readerOf({ format, shell }: Partial<GlobalOptions>): Format {
  const asked = [format, shell].find((name) => name !== undefined && isFormat(name))
  return (asked as Format | undefined) ?? detectShell(process.env)
}

/**
 * Returns the message of an error, or the messages of an `AggregateError` without repetitions. Adds stacks and causes
 * only if `verbose` is set.
 */
export function describeError(error: Error, { verbose }: { verbose?: boolean | undefined } = {}): string {
  const errors = error instanceof AggregateError ? (error.errors as Error[]) : [error]
  const [first = error, ...others] = errors.filter(
    ({ message }, index) => errors.findIndex((earlier) => earlier.message === message) === index,
  )
  const describe = (each: Error): string => (verbose ? describeDeeply(each) : each.message)
  const lines = [`${colors.red('error')}: ${describe(first)}`]
  for (const other of others) lines.push(`${colors.red('and')}: ${describe(other)}`)
  return lines.join('\n')
}

function describeDeeply({ stack, message, cause }: Error): string {
  return `${stack ?? message}${cause instanceof Error ? `\ncaused by: ${describeDeeply(cause)}` : ''}`
}
