import { nameOf } from '../../helper/find-holder.ts'
import { isHeldAs, listHelpers } from '../../helper/holder-record.ts'
import { ownCall } from '../../helper/own-call.ts'
import { joinedWith } from '../../session/declared-variables.ts'
import { printVariables } from '../../shell/format.ts'
import { chosenFormat, type GlobalOptions } from '../terminal/options.ts'
import { print } from '../terminal/output.ts'
import { holderQuery } from './project.ts'
import { examine } from './status.ts'

/**
 * Prints the variables of the ready services, for a shell or a program. On a terminal, where nobody evaluates variables
 * and passwords would stay on the screen, prints the table of `status` and the line to paste instead.
 *
 * @throws ERR_STATE if nobody reads the output, or there is no room for the output
 */
export async function printReady(variables: Readonly<Record<string, string>>, options: GlobalOptions): Promise<void> {
  if (isUnread(options)) return printTable(options)
  await print(printVariables(joinedWith(process.env, variables), chosenFormat(options)))
}

/** Whether variables would only be shown: on a terminal, unless an option asks for them. */
export function isUnread({ format, shell }: GlobalOptions): boolean {
  return process.stdout.isTTY && format === undefined && shell === undefined
}

async function printTable(options: GlobalOptions): Promise<void> {
  const { stateDirectory, project } = holderQuery(options)
  const holder = listHelpers(stateDirectory).find(isHeldAs(project, nameOf(options)))
  const table = holder ? (await examine(holder)).text : ''
  const call = ownCall({ configFile: options.config, name: options.name })
  await print(`${table}for the variables of all this, in any shell here: eval "$(${call} env)"\n`)
}
