import { requireHolder } from '../../helper/find-holder.ts'
import { ownCall } from '../../helper/own-call.ts'
import { NotRunningError } from '../../kernel/errors.ts'
import { joinedWith } from '../../session/declared-variables.ts'
import { printVariables } from '../../shell/format.ts'
import { exitCodes } from '../terminal/exit-codes.ts'
import { chosenFormat, type GlobalOptions } from '../terminal/options.ts'
import { holderQuery } from './project.ts'

/** Prints the variables of the running services again, for another terminal. */
export function env(options: GlobalOptions): number {
  const format = chosenFormat(options)
  const query = holderQuery(options)
  const { state, variables, name } = requireHolder(query)
  if (state !== 'ready')
    throw new NotRunningError(
      `"${name}" is ${state}: it has no variables to print; try again when "${ownCall(query)} status" says ready`,
    )
  process.stdout.write(printVariables(joinedWith(process.env, variables), format))
  return exitCodes.done
}
