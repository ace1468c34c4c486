import { chosenProfile, findStack } from '../config/stack.ts'
import { hold } from '../helper/hold.ts'
import { StopSignals } from '../helper/stop-signals.ts'
import { hasCode } from '../kernel/errors.ts'
import { printVariables } from '../shell/format.ts'
import { createDisplay } from './display.ts'
import { exitCodeOfCommand, exitCodes } from './exit-codes.ts'
import { chosenFormat, chosenTimeoutMs, type GlobalOptions } from './options.ts'
import { stackRequest } from './project.ts'

/** The foreground command: holds the services itself until a signal. */
export async function start(names: readonly string[], options: GlobalOptions): Promise<number> {
  using signals = new StopSignals()
  const format = chosenFormat(options)
  const stack = await findStack(stackRequest(names, options))
  const display = await createDisplay(options)
  let ready = false
  try {
    await hold({
      stack,
      name: options.name,
      profile: chosenProfile(stack.prefix),
      timeoutMs: chosenTimeoutMs(options),
      signals,
      onEvent: display.onEvent,
      onReady: (variables) => {
        ready = true
        process.stdout.write(printVariables(variables, format))
        display.say('everything is ready; Ctrl-C stops it')
      },
    })
  } catch (thrown) {
    if (ready || !signals.received || !hasCode(thrown, 'ERR_CANCELED')) throw thrown
    return exitCodeOfCommand({ exitCode: null, signal: signals.received })
  } finally {
    display.end()
  }
  return exitCodes.done
}
