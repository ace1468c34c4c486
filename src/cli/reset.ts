import { askHolder } from '../helper/control-server.ts'
import { requireHolder } from '../helper/find-holder.ts'
import { Deadline } from '../kernel/deadline.ts'
import { chooseServices } from './choose-services.ts'
import { createDisplay } from './display.ts'
import { formatMs } from './event-text.ts'
import { exitCodes } from './exit-codes.ts'
import { chosenTimeoutMs, type GlobalOptions } from './options.ts'
import { holderQuery } from './project.ts'

const resetLimitMs = 60_000

/** Resets what is running; the holder does it, which alone may touch the whole instance. */
export async function reset(names: readonly string[], options: GlobalOptions): Promise<number> {
  const limitMs = chosenTimeoutMs(options) ?? resetLimitMs
  const holder = requireHolder(holderQuery(options))
  const services = chooseServices(holder, names).map(({ name }) => name)
  const display = await createDisplay(options)
  const startedAt = performance.now()
  await new Deadline(`the reset by the helper, process ${holder.identity.pid},`, limitMs).race((signal) =>
    askHolder(holder.controlSocket, { action: 'reset', services, signal }),
  )
  display.say(`reset ${services.join(', ')} in ${formatMs(performance.now() - startedAt)}`)
  return exitCodes.done
}
