import { settlesWithin } from '../kernel/deadline.ts'
import { CommandError, ConfigError, MissingBinaryError, TransportError } from '../kernel/errors.ts'
import type { Ended } from '../process/ended.ts'
import type { FarEnd, Keeper } from './keeper/keeper.ts'
import type { RunPlan } from './run-plan.ts'

const shellName = /^[A-Za-z_]\w*$/

/** Refuses names of variables that a shell on the far side cannot set. @throws ERR_CONFIG */
export function checkNames(name: string, { environment }: RunPlan): void {
  const odd = Object.keys(environment).find((variable) => !shellName.test(variable))
  if (odd === undefined) return
  throw new ConfigError(`${name}: run(): environment: the shell there cannot set "${odd}"; use letters, digits and "_"`)
}

interface EndingCommand {
  readonly id: number
  readonly plan: RunPlan
  /** Settles when the first process of the command has ended. */
  readonly ended: Promise<unknown>
}

/** Ends the processes left by a command; a canceled command gets its grace before. */
export async function endCommand(keeper: Keeper, { id, plan, ended }: EndingCommand): Promise<FarEnd> {
  if (plan.signal?.aborted) {
    keeper.terminate(id)
    await settlesWithin(ended, plan.graceMs)
  }
  return keeper.end(id)
}

interface EndedCommand {
  /** Name of the transport. */
  readonly name: string
  readonly plan: RunPlan
}

/**
 * Returns how a command ended.
 *
 * @throws ERR_MISSING_BINARY, ERR_COMMAND if the command did not begin; ERR_TRANSPORT if processes are left
 */
export function checkEnd({ name, plan }: EndedCommand, ended: Ended | undefined, far: FarEnd): Ended {
  const [program] = plan.argv
  if (far.refusal === 'program')
    throw new MissingBinaryError(
      `cannot run "${program}" on ${name}: there is no such program in the directories of PATH`,
    )
  if (far.refusal === 'directory')
    throw new CommandError(`cannot start "${program}" on ${name}: there is no directory ${plan.directory}`)
  if (far.left.length > 0)
    throw new TransportError(`${name}: of "${program}" these processes could not be ended: ${far.left.join(', ')}`)
  if (!ended) throw new TransportError(`${name}: the shell of "${program}" ended before the command began`)
  return ended
}
