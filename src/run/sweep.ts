import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { claimHolder, releaseClaim } from '../host/claim.ts'
import { namesIn } from '../host/names-in.ts'
import { removeTree } from '../host/remove-tree.ts'
import { randomName } from '../host/secret.ts'
import { epochMs, monotonicMs } from '../kernel/clock.ts'
import { sleep } from '../kernel/deadline.ts'
import { asError, hasCode } from '../kernel/errors.ts'
import { identify, ownIdentity } from '../process/identity.ts'
import { type Resource, readJournal } from './journal.ts'
import { discardRun, runPaths, unfinishedRun } from './run-paths.ts'
import { isAbandoned, type RunRecord, readRunRecord, runMarks } from './run-record.ts'
import { describeResource, sparedAmong, undoAll } from './undo.ts'

/** What a sweep did with one run whose holder is dead. */
export interface SweptRun {
  readonly id: string
  /** What this sweep removed, or would remove, in words. */
  readonly found: readonly string[]
  /** What could not be removed, in words; empty when all is well. */
  readonly left: readonly string[]
}

export interface SweepOptions {
  /** Says what would be removed, and removes nothing. */
  readonly dryRun?: boolean
}

/** For all stop ladders together: nobody waits for the services of a dead holder, and all is to be gone within 5 s. */
const graceMs = 1_000
/** A run is complete, or wholly removed, long before. */
const longestUnfinishedMs = 60_000
/** Longer than any other sweep that is not stopped takes. */
const longestSweepMs = 60_000
/** In which a sweep that is not stopped is done with a run. */
const longestClaimMs = 30_000
const firstPauseMs = 50
const lastPauseMs = 1_000

type Outcome = Promise<SweptRun | undefined>

/** Removes what dead holders left behind; runs of living holders are not touched. Never throws because of one run. */
export async function sweep(stateDirectory: string, options: SweepOptions = {}): Promise<SweptRun[]> {
  const swept = entries(runPaths.runs(stateDirectory)).map((run) => contain(run, sweepEntry(run, options)))
  const resumed = entries(runPaths.reaping(stateDirectory)).map((run) => contain(run, resume(run, options)))
  const all = await Promise.all([...swept, ...resumed])
  if (!options.dryRun) releaseOrphans(stateDirectory)
  return all.filter((run) => run !== undefined)
}

/** A claim without a run is left by a power failure only, after which nobody remembers it. */
function releaseOrphans(state: string): void {
  const claims = namesIn(runPaths.claims(state)).map((name) => join(runPaths.claims(state), name))
  // Read before the runs are: a claim is never older than its run.
  const held = claims.map((path) => ({ path, holder: claimHolder(path) }))
  const living = new Set([...entries(runPaths.runs(state)), ...entries(runPaths.reaping(state))].map(({ id }) => id))
  for (const { path, holder } of held) if (holder !== undefined && !living.has(holder)) releaseClaim(path, holder)
}

/**
 * The guardian's sweep: the end of its pipe has proved that the holder of this run is gone. Nobody comes after it, so
 * it tries until nothing is left: a service that is itself being stopped may refuse to give a slice back, and a start
 * that sweeps may have been quicker, and be killed half way.
 *
 * @param known the record as the holder has told it, should somebody have damaged the file
 */
export async function sweepRun(state: string, id: string, known?: RunRecord): Outcome {
  const run: Entry = { state, id, directory: join(runPaths.runs(state), id), known }
  const givesUpAt = monotonicMs() + longestSweepMs
  let swept: SweptRun | undefined
  await removeTree(unfinishedRun(state, id))
  for (let pauseMs = firstPauseMs; monotonicMs() < givesUpAt; pauseMs = Math.min(pauseMs * 2, lastPauseMs)) {
    swept = (await contain(run, sweepOnce(run))) ?? swept
    if (swept?.left.length === 0 || !(existsSync(run.directory) || claimedOf(run) || quarantinedOf(run))) break
    await sleep(pauseMs)
  }
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

/** A directory in which a run is, or was. */
interface Entry {
  readonly state: string
  readonly id: string
  readonly directory: string
  /** What the holder has said of it, for want of a record that can be read. */
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
  return dryRun ? report(entry) : reap(entry)
}

/** A run whose holder died before it was complete has made nothing yet, one that is being removed has nothing any more. */
async function sweepUnfinished({ directory }: Entry): Promise<undefined> {
  const record = readRunRecord(directory)
  const isDead = record === undefined || record === 'damaged' ? isOld(directory) : isAbandoned(record)
  if (isDead) await removeTree(directory)
}

/** Looked at between two looks: while another sweep has it, it is not there, or a service has made it anew. */
function isDamaged(entry: Entry): boolean {
  return claimedOf(entry) === undefined && recordOf(entry) === 'damaged'
}

/** Goes on with what a sweep that died had claimed; those of other machines and containers cannot be seen from here. */
async function resume(entry: Entry, { dryRun = false }: SweepOptions): Outcome {
  const record = recordOf(entry)
  if (record && record !== 'damaged' && !isAbandoned(record)) return undefined
  if (isBeingReaped(entry)) return undefined
  return dryRun ? report(entry) : reap(entry)
}

/** A thread of the claimant may have ended, or the claimant have been stopped: a claim is good for a while. */
function isBeingReaped({ directory }: Entry): boolean {
  const [, pid, startTime] = /@(\d+)-(\w+)$/.exec(directory) ?? []
  const claimant = pid === undefined ? undefined : identify(Number(pid))
  if (!claimant || plain(claimant.startTime) !== startTime) return false
  // Renaming it has changed it.
  const claimedAt = statSync(directory, { throwIfNoEntry: false })?.ctimeMs ?? 0
  return epochMs() - claimedAt < longestClaimMs
}

/** Claims by rename, in which only one of many sweeps succeeds, and cleans up. */
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

/** What is still there, for whatever reason, stays recorded, so that the next sweep tries again. */
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
  const left = await undoAll({ runId: id, marks, resources }, AbortSignal.timeout(graceMs))
  // A service that makes its directories with their parents has made them anew, while it was being ended. But if this
  // sweep was stopped for long, another one has taken the run, and may have given it back there.
  if (existsSync(directory)) await removeTree(original)
  if (left.length === 0) await discardRun(state, id, directory)
  const removed = resources.filter((resource) => !left.some((leftover) => leftover.resource === resource))
  return { id, found: describeRemovable(removed), left: left.map(({ text }) => text) }
}

/** Without the shell in which this sweep was typed. */
function describeRemovable(resources: readonly Resource[]): string[] {
  const spared = sparedAmong(resources)
  return resources.filter((resource) => !spared.includes(resource)).map(describeResource)
}

/** The directory names the run: a record with another name in it would have us end somebody else. */
function recordOf({ id, directory, known }: Entry): RunRecord | 'damaged' | undefined {
  const record = readRunRecord(directory)
  if (record === undefined) return existsSync(directory) ? (known ?? 'damaged') : undefined
  return record !== 'damaged' && record.id === id ? record : (known ?? 'damaged')
}

function resourcesOf({ directory }: Entry): Resource[] {
  return readJournal(runPaths.journal(directory))
}

/** Of the resources, the directories in which nobody but the run's processes can be. */
function ownDirectories(resources: readonly Resource[]): string[] {
  return resources.flatMap((resource) => (resource.kind === 'directory' ? [resource.path] : []))
}

function report(entry: Entry): SweptRun {
  return { id: entry.id, found: describeRemovable(resourcesOf(entry)), left: [] }
}

function damaged({ id }: Entry): SweptRun {
  return { id, found: ['a damaged record'], left: [] }
}

/** A record that cannot be trusted is moved out of the way; nothing is killed or removed on its word. */
function quarantine({ state, id, directory }: Entry): SweptRun | undefined {
  const kept = join(runPaths.quarantine(state), `${id}-${randomName(6)}`)
  if (!tryRename(directory, kept)) return undefined
  return { id, found: [], left: [`the damaged record, which was moved to ${kept}`] }
}

/** The run's directory has been renamed since its journal was written. */
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

/** Whether this process, and no other, moved the directory. */
function tryRename(from: string, to: string): boolean {
  if (!existsSync(from)) return false
  mkdirSync(join(to, '..'), { recursive: true, mode: 0o700 })
  try {
    renameSync(from, to)
    return true
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT', 'ENOTEMPTY', 'EEXIST')) return false
    throw thrown
  }
}
