import { newerFiles } from '../../config/newer-files.ts'
import { chosenProfile } from '../../config/stack.ts'
import { askHolder } from '../../helper/control-server.ts'
import { nameOf } from '../../helper/find-holder.ts'
import { configDigest, type Holder, isHeldAs, listHelpers } from '../../helper/holder-record.ts'
import { ownCall } from '../../helper/own-call.ts'
import { Deadline } from '../../kernel/deadline.ts'
import { AlreadyRunningError, asError, hasCode } from '../../kernel/errors.ts'
import { defaultTimeoutMs } from '../../service/set-up-options.ts'
import { chosenPrefix, chosenTimeoutMs, type GlobalOptions } from '../terminal/options.ts'
import { holderQuery } from './project.ts'
import { describeAge } from './status.ts'

const pollMs = 20
const checkLimitMs = 5_000

export interface Wanted {
  readonly names: readonly string[]
  readonly options: GlobalOptions
  readonly signal: AbortSignal
}

/**
 * Finds the helper that already runs for this project and name, and waits until a starting helper is ready. Returns
 * `undefined` if there is no helper, or if the helper goes away.
 *
 * @throws ERR_ALREADY_RUNNING naming the difference between the helper and the request; the errors of `check` if a
 *   service has died; ERR_DEADLINE, ERR_CANCELED
 */
export async function findRunning({ names, options, signal }: Wanted): Promise<Holder | undefined> {
  const limitMs = chosenTimeoutMs(options) ?? defaultTimeoutMs
  const deadline = new Deadline('waiting for the helper that is starting', limitMs, signal)
  let holder = present(options)
  while (holder?.state === 'starting') {
    await deadline.sleep(pollMs)
    holder = present(options)
  }
  if (holder?.state !== 'ready') return undefined
  refuseDifference(holder, await differenceOf(holder, names, options), options)
  const failure = await check(holder, Math.min(limitMs, checkLimitMs)).then(() => undefined, asError)
  if (failure === undefined) return holder
  // A helper that was stopped or killed meanwhile cannot be joined, but a new helper can be started.
  if (present(options)?.state !== 'ready') return undefined
  throw failure
}

function present(options: GlobalOptions): Holder | undefined {
  const { stateDirectory, project } = holderQuery(options)
  return listHelpers(stateDirectory).find(isHeldAs(project, nameOf(options)))
}

/** Describes the first difference between this request and the request that started the helper. */
async function differenceOf(
  { origin, prefix, ...holder }: Holder,
  names: readonly string[],
  options: GlobalOptions,
): Promise<string | undefined> {
  const wantedPrefix = chosenPrefix(options) ?? origin.prefix
  if (wantedPrefix !== prefix) return `its prefix is ${prefix}, not ${wantedPrefix}`
  const profile = chosenProfile(prefix)
  if (profile !== origin.profile) return `it runs ${instances(origin.profile)}, not ${instances(profile)}`
  const up = holder.services.map(({ name }) => name)
  const missing = (names.length > 0 ? names : origin.offered).filter((name) => !up.includes(name))
  if (missing.length > 0) return `it does not hold ${missing.join(', ')}`
  if (origin.configDigest !== configDigest(holder.project)) return 'the config file has changed since it was started'
  const newer = await newerFiles(origin.files, Date.parse(holder.startedAt))
  return newer.length > 0 ? `${newer.join(', ')} changed after it was started` : undefined
}

function instances(profile: string | undefined): string {
  return profile === undefined ? 'unique instances' : `the configured instances of "${profile}"`
}

function refuseDifference(holder: Holder, difference: string | undefined, options: GlobalOptions): void {
  if (difference === undefined) return
  const call = ownCall({ configFile: options.config, name: options.name })
  throw new AlreadyRunningError(
    `${describeRunning(holder)}, and is not what was asked for: ${difference}; ` +
      `stop it first with eval "$(${call} --stop)", print its variables as they are with "${call} env", ` +
      'or start another one beside it with --name',
  )
}

export function describeRunning({ name, project, identity, state, startedAt }: Holder): string {
  return `"${name}" of ${project} runs already (process ${identity.pid}, ${state}, started ${describeAge(startedAt)} ago)`
}

/**
 * Asks the helper whether its services live: the variables of a dead service would be useless.
 *
 * @throws ERR_ALREADY_RUNNING if the helper does not answer; the errors of `check`
 */
async function check(holder: Holder, limitMs: number): Promise<void> {
  const deadline = new Deadline('asking the helper', limitMs)
  const asked = deadline.race((signal) => askHolder(holder.controlSocket, { action: 'check', signal }))
  await asked.catch((thrown) => {
    if (!hasCode(thrown, 'ERR_DEADLINE')) throw thrown
    throw new AlreadyRunningError(`${describeRunning(holder)}, but did not answer within ${limitMs} ms`)
  })
}
