import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { claimHolder, releaseClaim } from '../host/claim.ts'
import { namesIn } from '../host/names-in.ts'
import { removeTree } from '../host/remove-tree.ts'
import { randomName } from '../host/secret.ts'
import { epochMs, monotonicMs } from '../kernel/clock.ts'
import { asError } from '../kernel/errors.ts'
import { type PollPauses, poll } from '../kernel/poll.ts'
import { succeedsUnless } from '../kernel/value-unless.ts'
import { identify, ownIdentity } from '../process/identity.ts'
import { type Resource, readJournal } from './journal.ts'
import { describeResource, reclaimAll, sparedAmong } from './reclaim.ts'
import { discardRun, runPaths, unfinishedRun } from './run-paths.ts'
import { isAbandoned, type RunRecord, readRunRecord, runMarks } from './run-record.ts'

/** Result of sweeping the run of a dead holder. */
export interface SweptRun {
  readonly id: string
  /** Descriptions of the removed resources; in a dry run, of the resources to remove. */
  readonly found: readonly string[]
  /** Descriptions of the remaining resources; empty after a full success. */
  readonly left: readonly string[]
}

export interface SweepOptions {
  /** Reports resources without removing them. */
  readonly dryRun?: boolean
}

/** Grace of all stop ladders together. Nobody waits for a dead holder's services, and all must be gone within 5 s. */
const graceMs = 1_000
/** Age of an unfinished run whose holder must be dead: making and removing a directory take much less time. */
const longestUnfinishedMs = 60_000
/** Time after which the guardian's sweep gives up: longer than a sweep takes, unless the sweep is stopped. */
const longestSweepMs = 60_000
/** Time in which a running sweep finishes a run; an older claim is void. */
const longestClaimMs = 30_000
const pauses: PollPauses = { firstMs: 50, lastMs: 1_000 }

type Outcome = Promise<SweptRun | undefined>

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
    const isGone = swept?.left.length === 0 || !(existsSync(run.directory) || claimedOf(run) || quarantinedOf(run))
    return isGone || monotonicMs() >= givesUpAt || undefined
  })
  return swept
}

/** Also looks in quarantine, where a start that could not read the record may have moved the run. */
function sweepOnce(run: Entry): Outcome {
  const claimed = claimedOf(run)
  return claimed ? resume({ ...claimed, known: run.known }, {}) : reap(quarantinedOf(run) ?? run)
}

function claimedOf({ state, id }: Entry): Entry | undefined {
  return entries(runPaths.reaping(state)).find((entry) => entry.id === id)
}

function quarantinedOf(run: Entry): Entry | undefined {
  if (!run.known) return undefined
  const parent = runPaths.quarantine(run.state)
  const name = namesIn(parent).find((kept) => kept.startsWith(`${run.id}-`))
  return name === undefined ? undefined : { ...run, directory: join(parent, name) }
}

/** A directory that is, or was, the directory of a run. */
interface Entry {
  readonly state: string
  readonly id: string
  readonly directory: string
  /** The record as given by the holder, used if the file cannot be read. */
  readonly known?: RunRecord | undefined
}

function entries(parent: string): Entry[] {
  const state = join(parent, '..')
  return namesIn(parent).map((name) => ({ state, id: name.split('@')[0] ?? '', directory: join(parent, name) }))
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

/** Claims a run by renaming its directory, and cleans up. Renaming succeeds for only one of several sweeps. */
async function reap(entry: Entry): Outcome {
  const { pid, startTime } = ownIdentity()
  const claimed = join(runPaths.reaping(entry.state), `${entry.id}@${pid}-${plain(startTime)}`)
  if (!tryRename(entry.directory, claimed)) return undefined
  try {
    return await cleanUp({ ...entry, directory: claimed })
  } finally {
    giveBack({ ...entry, directory: claimed })
  }
}

/** Moves a run back after a failed cleanup: the remaining resources stay on record, and the next sweep tries again. */
function giveBack({ state, id, directory }: Entry): void {
  if (!tryRename(directory, join(runPaths.runs(state), id))) tryRename(directory, join(runPaths.reaping(state), id))
}

async function cleanUp(entry: Entry): Outcome {
  const { state, id, directory } = entry
  const record = recordOf(entry)
  if (record === undefined || record === 'damaged') return quarantine(entry)
  const original = join(runPaths.runs(state), id)
  const resources = resourcesOf(entry).map((resource) => relocate(resource, original, directory))
  const directories = [original, directory, ...ownDirectories(resources)]
  const marks = runMarks(record, directories)
  const left = await reclaimAll({ runId: id, marks, resources }, AbortSignal.timeout(graceMs))
  // A service that makes its directories with their parents may have made the original directory anew while it was
  // being ended. But if this sweep was stopped for long, another sweep may have taken the run and given it back at this
  // path.
  if (existsSync(directory)) await removeTree(original)
  if (left.length === 0) await discardRun(state, id, directory)
  const removed = resources.filter((resource) => !left.some((leftover) => leftover.resource === resource))
  return { id, found: describeRemovable(removed), left: left.map(({ text }) => text) }
}

/** Describes the resources, except the shell in which this sweep was typed. */
function describeRemovable(resources: readonly Resource[]): string[] {
  const spared = sparedAmong(resources)
  return resources.filter((resource) => !spared.includes(resource)).map(describeResource)
}

/** Returns the record, if it names the same run as the directory: otherwise we would end processes of another run. */
function recordOf({ id, directory, known }: Entry): RunRecord | 'damaged' | undefined {
  const record = readRunRecord(directory)
  if (record === undefined) return existsSync(directory) ? (known ?? 'damaged') : undefined
  return record !== 'damaged' && record.id === id ? record : (known ?? 'damaged')
}

function resourcesOf({ directory }: Entry): Resource[] {
  return readJournal(runPaths.journal(directory))
}

/** Returns the directories in which only processes of the run can be. */
function ownDirectories(resources: readonly Resource[]): string[] {
  return resources.flatMap((resource) => (resource.kind === 'directory' ? [resource.path] : []))
}

function sweptRunOf(entry: Entry): SweptRun {
  return { id: entry.id, found: describeRemovable(resourcesOf(entry)), left: [] }
}

function damaged({ id }: Entry): SweptRun {
  return { id, found: ['a damaged record'], left: [] }
}

/** Moves a run with an untrustworthy record out of the way; kills and removes nothing on the word of such a record. */
function quarantine({ state, id, directory }: Entry): SweptRun | undefined {
  const kept = join(runPaths.quarantine(state), `${id}-${randomName(6)}`)
  if (!tryRename(directory, kept)) return undefined
  return { id, found: [], left: [`the damaged record, which was moved to ${kept}`] }
}

/** Corrects a path, because the run's directory has been renamed since the journal was written. */
function relocate(resource: Resource, from: string, to: string): Resource {
  if (resource.kind !== 'shared-memory' || !resource.pidFile.startsWith(`${from}/`)) return resource
  return { ...resource, pidFile: join(to, resource.pidFile.slice(from.length)) }
}

function plain(startTime: string): string {
  return startTime.replaceAll(/\W/g, '_')
}

function isOld(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat !== undefined && epochMs() - stat.mtimeMs > longestUnfinishedMs
}

/** Moves the directory; returns `false` if another process was faster. */
function tryRename(from: string, to: string): boolean {
  if (!existsSync(from)) return false
  mkdirSync(join(to, '..'), { recursive: true, mode: 0o700 })
  return succeedsUnless(['ENOENT', 'ENOTEMPTY', 'EEXIST'], () => renameSync(from, to))
}
