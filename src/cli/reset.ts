import { askHolder } from '../helper/control-server.ts'
import { requireHolder } from '../helper/find-holder.ts'
import { createDisplay } from './display.ts'
import { formatMs } from './event-text.ts'
import { exitCodes } from './exit-codes.ts'
import type { GlobalOptions } from './options.ts'
import { holderQuery } from './project.ts'

/** Resets what is running; the holder does it, which alone may touch the whole instance. */
export async function reset(names: readonly string[], options: GlobalOptions): Promise<number> {
  const { controlSocket, services } = requireHolder(holderQuery(options))
  const display = await createDisplay(options)
  const startedAt = performance.now()
  await askHolder(controlSocket, { action: 'reset', services: names.length > 0 ? names : undefined })
  const which = names.length > 0 ? names : services.map(({ name }) => name)
  display.say(`reset ${which.join(', ')} in ${formatMs(performance.now() - startedAt)}`)
  return exitCodes.done
}
