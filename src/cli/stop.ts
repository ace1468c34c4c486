import { findHolder, nameOf, stalePrefixes } from '../helper/find-holder.ts'
import { stopHolder } from '../helper/stop-holder.ts'
import { monotonicMs } from '../kernel/clock.ts'
import { sweep } from '../run/sweep.ts'
import { persistentLabels, persistentVariable, plainNamesVariable } from '../service/variables.ts'
import { printUnset } from '../shell/format.ts'
import { createDisplay } from './display.ts'
import { formatMs } from './event-text.ts'
import { exitCodes } from './exit-codes.ts'
import { chosenFormat, type GlobalOptions } from './options.ts'
import { holderQuery } from './project.ts'

/** Stops the helper and returns when everything is gone. With nothing running it still unsets what the shell has. */
export async function stop(options: GlobalOptions): Promise<number> {
  const format = chosenFormat(options)
  const query = holderQuery(options)
  const holder = findHolder(query)
  const display = await createDisplay(options)
  // What another helper holds goes on being declared.
  const prefixes = holder ? [holder.prefix] : stalePrefixes(query)
  const declared = prefixes.flatMap((prefix) => declaredNames(query.environment, prefix))
  const names = new Set([...declared, ...Object.keys(holder?.variables ?? {})])
  if (holder) {
    const startedAt = monotonicMs()
    await stopHolder(holder)
    display.say(`stopped "${holder.name}" of ${holder.project} in ${formatMs(monotonicMs() - startedAt)}`)
  } else {
    await sweep(query.stateDirectory)
    display.say(`nothing was running for ${query.project} under the name "${nameOf(query)}"`)
  }
  process.stdout.write(printUnset([...names], format))
  return exitCodes.done
}

/** The variables of this shell that name services, whether these still run or not. */
function declaredNames(environment: NodeJS.ProcessEnv, prefix: string): string[] {
  const labels = persistentLabels(environment, prefix)
  if (!labels) return []
  const heads = labels.map((label) => `${prefix}_${label}_`)
  const own = Object.keys(environment).filter((name) => heads.some((head) => name.startsWith(head)))
  const plainNames = plainNamesVariable(prefix)
  const plain = environment[plainNames]?.split(',').filter((name) => environment[name] !== undefined)
  return [...own, persistentVariable(prefix), ...(plain ? [...plain, plainNames] : [])]
}
