import { findStack, openSession } from '../config/stack.ts'
import { StopSignals } from '../helper/stop-signals.ts'
import { asError, hasCode, UsageError } from '../kernel/errors.ts'
import type { Session } from '../session/session.ts'
import { createDisplay } from './display.ts'
import { exitCodeOfCommand, exitCodes } from './exit-codes.ts'
import { describeError } from './failure.ts'
import { chosenTimeoutMs, type GlobalOptions } from './options.ts'
import { stackRequest } from './project.ts'

/** Unique instances for one command; its exit code is ours. */
export async function exec(
  names: readonly string[],
  argv: readonly string[] | undefined,
  options: GlobalOptions,
): Promise<number> {
  if (!argv || argv.length === 0)
    throw new UsageError('exec needs a command after "--": test-services exec postgres -- npm test')
  using signals = new StopSignals()
  const stack = await findStack(stackRequest(names, options))
  const display = await createDisplay(options)
  const session = openSession(stack, { onEvent: display.onEvent })
  try {
    const only = names.length > 0 ? names : undefined
    await session.enter({ only, signal: signals.asked, timeoutMs: chosenTimeoutMs(options) })
    display.end()
    return await runIn(session, argv, signals)
  } catch (thrown) {
    return reportFailure(thrown, signals)
  } finally {
    await session.end(signals.hurry)
    display.end()
  }
}

/** A signal from the terminal reaches the command by itself, being in the same group; one to us alone is handed on. */
async function runIn(session: Session, argv: readonly string[], signals: StopSignals): Promise<number> {
  try {
    return exitCodeOfCommand(
      await session.run({
        argv,
        onStart: (signal) => {
          signals.asked.addEventListener(
            'abort',
            () => signals.received !== 'SIGINT' && signal(signals.received ?? 'SIGTERM'),
          )
          signals.hurry.addEventListener('abort', () => signal('SIGKILL'))
        },
      }),
    )
  } catch (thrown) {
    if (!hasCode(thrown, 'ERR_MISSING_BINARY')) throw thrown
    process.stderr.write(`${describeError(asError(thrown))}\n`)
    return exitCodes.notFound
  }
}

function reportFailure(thrown: unknown, { received }: StopSignals): number {
  if (received && hasCode(thrown, 'ERR_CANCELED')) return exitCodeOfCommand({ exitCode: null, signal: received })
  process.stderr.write(`${describeError(asError(thrown))}\n`)
  return exitCodes.noServices
}
