import { CommanderError } from 'commander'
import { asError } from '../kernel/errors.ts'
import { createProgram, defaultCommand } from './program.ts'
import { exitCodeOf, exitCodes } from './terminal/exit-codes.ts'
import { describeError, printFailureFor } from './terminal/failure.ts'
import type { GlobalOptions } from './terminal/options.ts'

/**
 * Runs the command line and returns its exit code.
 *
 * @param argv arguments without `node` and the script
 */
export async function runCommandLine(argv: readonly string[], version: string): Promise<number> {
  const { own, command } = splitAtDashes(argv)
  let exitCode: number = exitCodes.done
  let subcommand = defaultCommand
  const program = createProgram(version, command, (code) => {
    exitCode = code
  })
  program.hook('preSubcommand', (_, chosen) => {
    subcommand = chosen.name()
  })
  try {
    await program.parseAsync(own, { from: 'user' })
  } catch (thrown) {
    exitCode = reportFailure(thrown, program.opts<GlobalOptions>())
  }
  if (exitCode !== exitCodes.done) printFailureFor(subcommand, program.opts<GlobalOptions>())
  return exitCode
}

function reportFailure(thrown: unknown, options: GlobalOptions): number {
  // Help and version also end with a `CommanderError`, with status 0. Commander has already written the message.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.done : exitCodes.wrongUsage
  process.stderr.write(`${describeError(asError(thrown), options)}\n`)
  return exitCodeOf(thrown)
}

/** Splits the arguments at `--`: the words after `--` are a command, which we do not parse. */
function splitAtDashes(argv: readonly string[]): { own: string[]; command: string[] | undefined } {
  const at = argv.indexOf('--')
  return at === -1 ? { own: [...argv], command: undefined } : { own: argv.slice(0, at), command: argv.slice(at + 1) }
}
