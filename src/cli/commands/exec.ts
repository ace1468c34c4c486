import { existsSync } from 'node:fs'
import { findFixture } from '../../config/fixtures.ts'
import { chosenProfile, findStack, openSession, type Stack } from '../../config/stack.ts'
import { holdForCommand } from '../../helper/hold.ts'
import { StopSignals } from '../../helper/stop-signals.ts'
import { asError, hasCode, UsageError } from '../../kernel/errors.ts'
import { ownCommand } from '../../kernel/own-command.ts'
import { isInForeground } from '../../process/inspect/terminal.ts'
import { joinedWith } from '../../session/declared-variables.ts'
import { exportedVariables } from '../../session/exported-variables.ts'
import type { Session } from '../../session/session.ts'
import { quoteArguments } from '../../shell/quote-argv.ts'
import { createDisplay } from '../terminal/display.ts'
import { exitCodeOfCommand, exitCodeOfSignal, exitCodes } from '../terminal/exit-codes.ts'
import { describeError } from '../terminal/failure.ts'
import { chosenTimeoutMs, type GlobalOptions } from '../terminal/options.ts'
import { reportDefault, stackRequest } from './project.ts'

/** Starts unique instances for one command, and returns the exit code of the command. */
export async function exec(
  names: readonly string[],
  argv: readonly string[] | undefined,
  options: GlobalOptions,
): Promise<number> {
  if (!argv || argv.length === 0) throw new UsageError(`exec needs a command after "--": ${withDashes(names)}`)
  const timeoutMs = chosenTimeoutMs(options)
  const only = names.length > 0 ? names : undefined
  using signals = new StopSignals()
  signals.onParentMessage()
  const display = await createDisplay(options)
  let exitCode: number = exitCodes.noServices
  try {
    const request = stackRequest(names, options)
    reportDefault(request, display)
    const stack = await findStack({ ...request, signal: signals.asked, timeoutMs })
    const profile = chosenProfile(stack.prefix)
    // Unique instances use nothing of a profile; a profile that does not exist is a mistake here too.
    const session = openSession(stack, { profile, onEvent: display.onEvent })
    if (profile !== undefined) display.say(profileIsUnused(stack, profile))
    try {
      await session.enter({ only, signal: signals.asked, forceSignal: signals.forceSignal, timeoutMs })
      display.end()
      exitCode = await holding(session, stack, () => runIn(session, argv, signals))
    } finally {
      await session.end({ forceSignal: signals.forceSignal })
    }
    return exitCode
  } catch (thrown) {
    if (hasCode(thrown, 'ERR_USAGE')) throw thrown
    if (signals.received && hasCode(thrown, 'ERR_CANCELED')) return exitCodeOfSignal(signals.received)
    process.stderr.write(`${describeError(asError(thrown), options)}\n`)
    return exitCode || exitCodes.failed
  } finally {
    display.end()
  }
}

/** Returns the command line with the missing dashes. Without knowledge of the config, only fixtures tell their place. */
function withDashes(words: readonly string[]): string {
  const first = words.findIndex((word) => findFixture(word, process.cwd()) === undefined)
  const [services, command] = first > 0 ? [words.slice(0, first), words.slice(first)] : [words, ['COMMAND']]
  return `${ownCommand()} exec ${quoteArguments([...services, '--', ...command])}`
}

/**
 * Explains why the profile is unused: `exec` is for tests, and a fixed port would keep tests from running concurrently.
 */
function profileIsUnused({ prefix }: Stack, profile: string): string {
  const call = `${prefix}_CONFIG=${profile} ${ownCommand()}`
  return `exec starts instances of its own: the ports and data of the profile "${profile}" are for "${call}"`
}

/** Lets the command use `reset`, `status`, `env` and `logs` on the services while the command runs. */
async function holding(session: Session, stack: Stack, work: () => Promise<number>): Promise<number> {
  const release = await holdForCommand(session, stack)
  try {
    return await work()
  } finally {
    await release()
  }
}

/** Declares the instances that were started for the command, so that its tests attach to them. */
async function runIn(session: Session, argv: readonly string[], signals: StopSignals): Promise<number> {
  try {
    const environment = joinedWith(process.env, exportedVariables(session))
    return exitCodeOfCommand(await session.run({ argv, environment, onStart: (signal) => handOn(signals, signal) }))
  } catch (thrown) {
    if (!hasCode(thrown, 'ERR_MISSING_BINARY')) throw thrown
    process.stderr.write(`${describeError(asError(thrown))}\n`)
    return isFile(argv[0] ?? '') ? exitCodes.notExecutable : exitCodes.notFound
  }
}

/** Whether the command exists but cannot be executed: shells have a separate exit code for this case. */
function isFile(program: string): boolean {
  return program.includes('/') && existsSync(program)
}

/**
 * Forwards signals to the command. The command is in our process group, so Ctrl-C reaches the command without our help;
 * only a signal to us alone is forwarded.
 */
function handOn(signals: StopSignals, signal: (name: NodeJS.Signals) => void): void {
  const { asked, forceSignal } = signals
  const handOnReceived = (): void => signal(signals.received ?? 'SIGTERM')
  if (asked.aborted) handOnReceived()
  asked.addEventListener('abort', () => {
    if (signals.received !== 'SIGINT' || !isInForeground()) handOnReceived()
  })
  forceSignal.addEventListener('abort', () => signal('SIGKILL'))
}
