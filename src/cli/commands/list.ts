import { type Holder, listHelpers } from '../../helper/holder-record.ts'
import { stateDirectory } from '../../host/state-directory.ts'
import { exitCodes } from '../terminal/exit-codes.ts'
import type { GlobalOptions } from '../terminal/options.ts'
import { describeAge } from './status.ts'

interface ListOptions extends GlobalOptions {
  readonly json?: boolean
}

/** Lists every helper of this user, and every command that holds services in the foreground. */
export function list({ json = false }: ListOptions): number {
  const helpers = listHelpers(stateDirectory())
  process.stdout.write(json ? `${JSON.stringify(helpers.map(summaryOf), null, 2)}\n` : describeHelpers(helpers))
  return exitCodes.done
}

/** Returns one helper in the form of `list --json`. */
function summaryOf({ project, name, state, startedAt, identity, services, starting }: Holder): object {
  const names = [...services.map((service) => service.name), ...starting]
  return { project, name, state, startedAt, holderPid: identity.pid, services: names }
}

function describeHelpers(helpers: readonly Holder[]): string {
  return helpers.length === 0 ? 'nothing is running\n' : helpers.map((helper) => `${describeHelper(helper)}\n`).join('')
}

/** Returns `"default" of /project: ready, started 5 min ago, holds db, api, process 4711`. */
export function describeHelper({ name, project, state, startedAt, identity, services }: Holder): string {
  const names = services.map((service) => service.name).join(', ') || 'nothing yet'
  return `"${name}" of ${project}: ${state}, started ${describeAge(startedAt)} ago, holds ${names}, process ${identity.pid}`
}
