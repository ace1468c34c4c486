import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { claimHolder, releaseClaim } from '../host/claim.ts'
import { namesIn } from '../host/files/names-in.ts'
import { removeTree } from '../host/files/remove-tree.ts'
import { epochMs, monotonicMs } from '../kernel/clock.ts'
import { asError } from '../kernel/errors.ts'
import { type PollPauses, poll } from '../kernel/poll.ts'
import { identify } from '../process/inspect/identity.ts'
import { describeRemovable, type Outcome, plain, quarantine, reap, type SweptRun } from './reap.ts'
import { reclaimAll } from './reclaim.ts'
import { claimedOf, type Entry, entries, quarantinedOf, recordOf, resourcesOf } from './run-entry.ts'
import { runPaths, unfinishedRun } from './run-paths.ts'
import { isAbandoned, type RunRecord, readRunRecord, runMarks } from './run-record.ts'

export interface SweepOptions {
  /** Reports resources without removing them. */
  readonly dryRun?: boolean
}

/** Age of an unfinished run whose holder must be dead: making and removing a directory take much less time. */
const longestUnfinishedMs = 60_000
/** Time after which the guardian's sweep gives up: longer than a sweep takes, unless the sweep is stopped. */
const longestSweepMs = 60_000
/** Time in which a running sweep finishes a run; an older claim is void. */
const longestClaimMs = 30_000
const pauses: PollPauses = { firstMs: 50, lastMs: 1_000 }

/** Removes the leftovers of dead holders; does not touch runs of living holders. Never throws because of one run. */
export async function sweep(stateDirectory: string, options: SweepOptions = {}): Promise<SweptRun[]> {
  const swept = entries(runPaths.runs(stateDirectory)).map((run) => contain(run, sweepEntry(run, options)))
  const resumed = entries(runPaths.reaping(stateDirectory)).map((run) => contain(run, resume(run, options)))
  const all = await Promise.all([...swept, ...resumed])
  if (!options.dryRun) releaseOrphans(stateDirectory)
  return all.filter((run) => run !== undefined)
}

/** Releases claims without a run. Only a power failure leaves such a claim, and only a sweep removes it. */
function releaseOrphans(state: string): void {
  const claims = namesIn(runPaths.claims(state)).map((name) => join(runPaths.claims(state), name))
  // Claims must be read before the runs: a claim is never older than its run.
  const held = claims.map((path) => ({ path, holder: claimHolder(path) }))
  const living = new Set([...entries(runPaths.runs(state)), ...entries(runPaths.reaping(state))].map(({ id }) => id))
  for (const { path, holder } of held) if (holder !== undefined && !living.has(holder)) releaseClaim(path, holder)
}

/**
 * Sweeps as the guardian: the end of its pipe has proved that the holder of the run is gone. No other sweep is certain
 * to follow, so this sweep tries until nothing is left. A service that is itself being stopped may refuse to give a
 * tenant back; and a start that sweeps may have claimed the run first and been killed half way.
 *
 * @param known the record as given by the holder, in case the file was damaged
 */
export async function sweepRun(state: string, id: string, known?: RunRecord): Outcome {
  const run: Entry = { state, id, directory: join(runPaths.runs(state), id), known }
  const givesUpAt = monotonicMs() + longestSweepMs
  let swept: SweptRun | undefined
  await removeTree(unfinishedRun(state, id))
  await poll(pauses, async () => {
    swept = (await contain(run, sweepOnce(run))) ?? swept
    return swept?.left.length === 0 || !isOnDisk(run) || monotonicMs() >= givesUpAt || undefined
  })
  return swept
}

/**
 * Ends the processes of a run without a directory, by their marks, and removes the control group: somebody has removed
 * the state directory. Ports and directories elsewhere were on record there, and are not known any more.
 */
export async function endUnrecorded(state: string, known: RunRecord): Promise<void> {
  const { id } = known
  const run: Entry = { state, id, directory: join(runPaths.runs(state), id), known }
  if (isOnDisk(run)) return
  await reclaimAll({ runId: id, marks: runMarks(known, [run.directory]), resources: [] })
}

function isOnDisk(run: Entry): boolean {
  return existsSync(run.directory) || claimedOf(run) !== undefined || quarantinedOf(run) !== undefined
}

/** Also looks in quarantine, where a start that could not read the record may have moved the run. */
function sweepOnce(run: Entry): Outcome {
  const claimed = claimedOf(run)
  return claimed ? resume({ ...claimed, known: run.known }, {}) : reap(quarantinedOf(run) ?? run)
}

function contain({ id, directory }: Entry, outcome: Outcome): Outcome {
  return outcome.catch((thrown) => ({ id, found: [], left: [`${directory} (${asError(thrown).message})`] }))
}

async function sweepEntry(entry: Entry, { dryRun = false }: SweepOptions): Outcome {
  if (entry.id.startsWith('.')) return dryRun ? undefined : sweepUnfinished(entry)
  const record = recordOf(entry)
  if (record === 'damaged') return isDamaged(entry) ? (dryRun ? damaged(entry) : quarantine(entry)) : undefined
  if (!record || !isAbandoned(record)) return undefined
  return dryRun ? sweptRunOf(entry) : reap(entry)
}

/**
 * Removes an unfinished run of a dead holder: a run that is not complete yet has made no resources, and a run that is
 * being removed has none left.
 */
async function sweepUnfinished({ directory }: Entry): Promise<undefined> {
  const record = readRunRecord(directory)
  const isDead = record === undefined || record === 'damaged' ? isOld(directory) : isAbandoned(record)
  if (isDead) await removeTree(directory)
}

/**
 * Whether a run is damaged, read a second time. While another sweep has the run, its directory is missing here, or a
 * service has made the directory anew.
 */
function isDamaged(entry: Entry): boolean {
  return claimedOf(entry) === undefined && recordOf(entry) === 'damaged'
}

/** Continues the work of a dead sweep. Sweeps on other machines and in other containers are invisible to us. */
async function resume(entry: Entry, { dryRun = false }: SweepOptions): Outcome {
  const record = recordOf(entry)
  if (record && record !== 'damaged' && !isAbandoned(record)) return undefined
  if (isBeingReaped(entry)) return undefined
  return dryRun ? sweptRunOf(entry) : reap(entry)
}

/**
 * Whether a sweep still works on a claimed run. A claim expires, because the claimant's thread may have ended while its
 * process lives, or the claimant may be stopped.
 */
function isBeingReaped({ directory }: Entry): boolean {
  const [, pid, startTime] = /@(\d+)-(\w+)$/.exec(directory) ?? []
  const claimant = pid === undefined ? undefined : identify(Number(pid))
  if (!claimant || plain(claimant.startTime) !== startTime) return false
  // The ctime is the time of the claim, because a claim renames the directory.
  const claimedAt = statSync(directory, { throwIfNoEntry: false })?.ctimeMs ?? 0
  return epochMs() - claimedAt < longestClaimMs
}

function sweptRunOf(entry: Entry): SweptRun {
  return { id: entry.id, found: describeRemovable(resourcesOf(entry)), left: [] }
}

function damaged({ id }: Entry): SweptRun {
  return { id, found: ['a damaged record'], left: [] }
}

function isOld(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat !== undefined && epochMs() - stat.mtimeMs > longestUnfinishedMs
}
