import { chosenProfile, findStack } from '../../config/stack.ts'
import { nameOf } from '../../helper/find-holder.ts'
import { hold } from '../../helper/hold.ts'
import { StopSignals } from '../../helper/stop-signals.ts'
import { hasCode } from '../../kernel/errors.ts'
import { createDisplay } from '../terminal/display.ts'
import { exitCodeIfCanceled, exitCodes } from '../terminal/exit-codes.ts'
import { chosenFormat, chosenTimeoutMs, type GlobalOptions } from '../terminal/options.ts'
import { printReady } from './print-ready.ts'
import { reportDefault, stackRequest } from './project.ts'

/** Runs the foreground command: holds the services in this process until a signal. */
export async function start(names: readonly string[], options: GlobalOptions): Promise<number> {
  using signals = new StopSignals()
  signals.onParentMessage()
  // Reports an invalid option before starting services.
  chosenFormat(options)
  const timeoutMs = chosenTimeoutMs(options)
  const display = await createDisplay(options)
  let ready = false
  try {
    const request = stackRequest(names, options)
    reportDefault(request, display)
    const stack = await findStack({ ...request, signal: signals.asked, timeoutMs })
    await hold({
      stack,
      name: nameOf(options),
      configFile: options.config,
      profile: chosenProfile(stack.prefix),
      timeoutMs,
      // Restarts are for a person who looks on; a test must not meet a service that has lost its state.
      restarts: true,
      signals,
      onEvent: display.onEvent,
      onReady: async (variables) => {
        ready = true
        display.end()
        // Without a reader, the services are held all the same.
        await printReady(variables, options).catch((thrown) => {
          if (!hasCode(thrown, 'ERR_STATE')) throw thrown
        })
        display.say('everything is ready; Ctrl-C stops it')
      },
    })
    return exitCodes.done
  } catch (thrown) {
    if (ready) throw thrown
    return exitCodeIfCanceled(thrown, signals)
  } finally {
    display.end()
  }
}
