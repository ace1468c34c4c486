import { CommanderError } from 'commander'
import { asError, StateError } from '../kernel/errors.ts'
import { createProgram, defaultCommand } from './program.ts'
import { exitCodeOf, exitCodeOfPool, exitCodes } from './terminal/exit-codes.ts'
import { describeError, printFailureFor } from './terminal/failure.ts'
import type { GlobalOptions } from './terminal/options.ts'
import { exitWith, guardOutput } from './terminal/output.ts'

/**
 * Runs the command line, and ends the process.
 *
 * @param argv arguments without `node` and the script
 */
export async function runProcess(argv: readonly string[], version: string): Promise<never> {
  guardOutput()
  return exitWith(await runCommandLine(argv, version))
}

/** Runs the command line and returns its exit code. */
async function runCommandLine(argv: readonly string[], version: string): Promise<number> {
  if (argv[0] === '__complete') return answerShell(argv.slice(1), version)
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
    await Promise.race([program.parseAsync(own, { from: 'user' }), untilNothingIsUnderWay()])
  } catch (thrown) {
    exitCode = reportFailure(thrown, subcommand, program.opts<GlobalOptions>())
  }
  if (exitCode !== exitCodes.done) printFailureFor(subcommand, program.opts<GlobalOptions>())
  return exitCode
}

/**
 * Rejects when Node is about to end the process although the command is not done. Node would end with the exit code 13,
 * or even 0. @throws ERR_STATE
 */
function untilNothingIsUnderWay(): Promise<never> {
  const message =
    'the command ended too early: nothing is under way, but its result is still awaited; ' +
    'does the config file await a promise that never settles? If not, this is a defect of test-services'
  return new Promise((_, reject) => process.once('beforeExit', () => reject(new StateError(message))))
}

/** Answers the completion script of a shell. */
async function answerShell(request: readonly string[], version: string): Promise<number> {
  const { answerCompletion } = await import('./completion/answer.ts')
  process.stdout.write(
    await answerCompletion(
      createProgram(version, undefined, () => {}),
      request,
    ),
  )
  return exitCodes.done
}

function reportFailure(thrown: unknown, subcommand: string, options: GlobalOptions): number {
  // Help and version also end with a `CommanderError`, with status 0. Commander has already written the message.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.done : exitCodes.wrongUsage
  const error = asError(thrown)
  process.stderr.write(`${describeError(error, options)}\n`)
  return subcommand === 'pool' ? exitCodeOfPool(error) : exitCodeOf(error)
}

/** Splits the arguments at `--`: the words after `--` are a command, which we do not parse. */
function splitAtDashes(argv: readonly string[]): { own: string[]; command: string[] | undefined } {
  const at = argv.indexOf('--')
  return at === -1 ? { own: [...argv], command: undefined } : { own: argv.slice(0, at), command: argv.slice(at + 1) }
}
