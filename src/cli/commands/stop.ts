import { declaredAmong, findHelper, type HolderQuery, nameOf } from '../../helper/find-holder.ts'
import { type Holder, listHolders } from '../../helper/holder-record.ts'
import { ownCall } from '../../helper/own-call.ts'
import { stopHolder } from '../../helper/stop-holder.ts'
import { monotonicMs } from '../../kernel/clock.ts'
import { sweep } from '../../run/sweep.ts'
import { type Changes, withdrawnFrom } from '../../session/withdrawn-variables.ts'
import { printChanges } from '../../shell/format.ts'
import { createDisplay, type Display } from '../terminal/display.ts'
import { formatMs } from '../terminal/event-text.ts'
import { exitCodes } from '../terminal/exit-codes.ts'
import { chosenFormat, type GlobalOptions } from '../terminal/options.ts'
import { describeHelper } from './list.ts'
import { isUnread } from './print-ready.ts'
import { holderQuery } from './project.ts'

/** Stops the helper and returns when its services are gone. If nothing runs, still unsets the shell's variables. */
export async function stop(options: GlobalOptions): Promise<number> {
  const format = chosenFormat(options)
  const query = holderQuery(options)
  const holder = findHelper(query)
  const display = await createDisplay(options)
  // Must be looked up before the stop, which removes the record. Services of other holders remain declared.
  const others = listHolders(query.stateDirectory).filter(({ runDirectory }) => runDirectory !== holder?.runDirectory)
  const changes = changesFor(query, holder, declaredAmong(others, { ...query, name: undefined }))
  if (holder) {
    const startedAt = monotonicMs()
    await stopHolder(holder)
    display.say(`stopped "${holder.name}" of ${holder.project} in ${formatMs(monotonicMs() - startedAt)}`)
  } else {
    await sweep(query.stateDirectory)
    display.say(`nothing was running for ${query.project} under the name "${nameOf(query)}"`)
  }
  showOthers(others, display)
  if (isUnread(options)) showUnsetting(changes, options, display)
  else process.stdout.write(printChanges(changes, format))
  return exitCodes.done
}

/** Says how this shell forgets the variables, if it has any. */
function showUnsetting(changes: Changes, { config, name }: GlobalOptions, { say }: Display): void {
  if (!Object.keys(changes).some((variable) => process.env[variable] !== undefined)) return
  say(`this shell still has the variables; to unset them: eval "$(${ownCall({ configFile: config, name })} --stop)"`)
}

/** Returns the changes to the variables of this shell; also removes variables of dead holders. */
function changesFor(
  { environment, prefixes }: HolderQuery,
  holder: Holder | undefined,
  others: readonly Holder[],
): Changes {
  const isOthers = (name: string): boolean =>
    environment[name] !== undefined && others.some(({ variables }) => variables[name] === environment[name])
  const withdrawn = (holder ? [holder.prefix] : prefixes).map((prefix) =>
    withdrawnFrom(environment, { prefix, own: holder?.variables, isOthers }),
  )
  return Object.assign({}, ...withdrawn)
}

/** Names the helpers that continue to run: a person who stops one may have meant all. */
function showOthers(others: readonly Holder[], display: Display): void {
  const helpers = others.filter(({ kind }) => kind !== 'exec')
  if (helpers.length === 0) return
  display.say('still running:')
  for (const helper of helpers) display.say(`  ${describeHelper(helper)}`)
}
