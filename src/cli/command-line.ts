import { CommanderError } from 'commander'
import { asError } from '../kernel/errors.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { describeError, printFailureFor } from './failure.ts'
import { createProgram } from './program.ts'

/**
 * Runs the command line and gives its exit code.
 *
 * @param argv without `node` and the script
 */
export async function runCommandLine(argv: readonly string[], version: string): Promise<number> {
  const { own, command } = splitAtDashes(argv)
  let exitCode: number = exitCodes.done
  const program = createProgram(version, command, (code) => {
    exitCode = code
  })
  try {
    await program.parseAsync(own, { from: 'user' })
    return exitCode
  } catch (thrown) {
    return fail(thrown, own)
  }
}

function fail(thrown: unknown, argv: readonly string[]): number {
  // Help and version end by such an error too, with status 0; its text has been written by then.
  const isUsage = thrown instanceof CommanderError
  if (isUsage && thrown.exitCode === 0) return exitCodes.done
  if (!isUsage) process.stderr.write(`${describeError(asError(thrown))}\n`)
  printFailureFor(argv)
  return isUsage ? exitCodes.wrongUsage : exitCodeOf(thrown)
}

/** What follows `--` is a command and none of our business. */
function splitAtDashes(argv: readonly string[]): { own: string[]; command: string[] | undefined } {
  const at = argv.indexOf('--')
  return at === -1 ? { own: [...argv], command: undefined } : { own: argv.slice(0, at), command: argv.slice(at + 1) }
}
