import { type Holder, listHelpers } from '../../helper/holder-record.ts'
import { stateDirectory } from '../../host/state-directory.ts'
import { exitCodes } from '../terminal/exit-codes.ts'
import type { GlobalOptions } from '../terminal/options.ts'
import { describeAge, examine } from './status.ts'

interface ListOptions extends GlobalOptions {
  readonly json?: boolean
}

/**
 * Lists every helper of this user, and every command that holds services in the foreground. Asks each for its state, as
 * `status` does: a record does not tell of a service that has died.
 */
export async function list({ json = false }: ListOptions): Promise<number> {
  const helpers = await Promise.all(
    listHelpers(stateDirectory()).map(async (helper) => ({ helper, state: (await examine(helper)).report.state })),
  )
  const lines = helpers.map(({ helper, state }) => describeHelper(helper, state))
  const text = lines.length === 0 ? 'nothing is running' : lines.join('\n')
  const summaries = helpers.map(({ helper, state }) => summaryOf(helper, state))
  process.stdout.write(`${json ? JSON.stringify(summaries, null, 2) : text}\n`)
  return exitCodes.done
}

/** Returns one helper in the form of `list --json`. */
function summaryOf({ project, name, startedAt, identity, services, starting }: Holder, state: string): object {
  const names = [...services.map((service) => service.name), ...starting]
  return { project, name, state, startedAt, holderPid: identity.pid, services: names }
}

/** Returns `"default" of /project: ready, started 5 min ago, holds db, api, process 4711`, with a state if given. */
export function describeHelper({ name, project, startedAt, identity, services }: Holder, state?: string): string {
  const names = services.map((service) => service.name).join(', ') || 'nothing yet'
  const head = `"${name}" of ${project}${state === undefined ? '' : `: ${state}`}`
  return `${head}, started ${describeAge(startedAt)} ago, holds ${names}, process ${identity.pid}`
}
