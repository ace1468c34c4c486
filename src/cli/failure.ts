import { detectShell } from '../shell/detect.ts'
import { type Format, isFormat, printFailure } from '../shell/format.ts'
import { colors } from './colors.ts'
import type { GlobalOptions } from './options.ts'

/** The subcommands whose output a shell evaluates. Others print for people, programs, or not at all. */
const evaluated: readonly string[] = ['start', 'stop', 'env']

/** Makes the `eval` fail too: standard output carries `false`, in the words of the caller's shell. */
export function printFailureFor(subcommand: string, options: Partial<GlobalOptions>): void {
  if (evaluated.includes(subcommand) && !process.stdout.isTTY) process.stdout.write(printFailure(readerOf(options)))
}

/** As far as the options make sense, which may be what has failed. */
function readerOf({ format, shell }: Partial<GlobalOptions>): Format {
  const asked = [format, shell].find((name) => name !== undefined && isFormat(name))
  return (asked as Format | undefined) ?? detectShell(process.env)
}

/** The message of an error, and each further one of several: what stops all services is said once. Their stacks and causes only when asked for. */
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
