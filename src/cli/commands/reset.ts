import { askHolder } from '../../helper/control-server.ts'
import { requireHolder } from '../../helper/find-holder.ts'
import { monotonicMs } from '../../kernel/clock.ts'
import { Deadline } from '../../kernel/deadline.ts'
import { createDisplay } from '../terminal/display.ts'
import { formatMs } from '../terminal/event-text.ts'
import { exitCodes } from '../terminal/exit-codes.ts'
import { chosenTimeoutMs, type GlobalOptions } from '../terminal/options.ts'
import { chooseServices } from './choose-services.ts'
import { holderQuery } from './project.ts'

const resetLimitMs = 60_000

/** Resets the running services. The holder does the work, because only the holder may touch a whole instance. */
export async function reset(names: readonly string[], options: GlobalOptions): Promise<number> {
  const limitMs = chosenTimeoutMs(options) ?? resetLimitMs
  const holder = requireHolder(holderQuery(options))
  const services = chooseServices(holder, names).map(({ name }) => name)
  const display = await createDisplay(options)
  const startedAt = monotonicMs()
  const keepers = await new Deadline(`the reset by the helper, process ${holder.identity.pid},`, limitMs).race(
    (signal) => askHolder<readonly string[]>(holder.controlSocket, { action: 'reset', services, signal }),
  )
  display.say(`${describeResult(services, keepers)} in ${formatMs(monotonicMs() - startedAt)}`)
  return exitCodes.done
}

/**
 * Returns `reset db; checked api, which keeps its state`. A `command()` without `reset` keeps its state, because only
 * the option tells how to reset the service.
 */
function describeResult(services: readonly string[], keepers: readonly string[]): string {
  const reset = services.filter((name) => !keepers.includes(name))
  const kept = services.filter((name) => keepers.includes(name))
  const keeping = kept.length > 1 ? 'which keep their state' : 'which keeps its state'
  const parts = [
    ...(reset.length > 0 ? [`reset ${reset.join(', ')}`] : []),
    ...(kept.length > 0 ? [`checked ${kept.join(', ')}, ${keeping},`] : []),
  ]
  return parts.join('; ')
}
