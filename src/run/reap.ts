import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { removeTree } from '../host/files/remove-tree.ts'
import { randomName } from '../host/secret.ts'
import { succeedsUnless } from '../kernel/value-unless.ts'
import { ownIdentity } from '../process/inspect/identity.ts'
import type { Resource } from './journal.ts'
import { describeResource, reclaimAll, sparedAmong } from './reclaim.ts'
import { type Entry, recordOf, resourcesOf } from './run-entry.ts'
import { discardRun, runPaths } from './run-paths.ts'
import { runMarks } from './run-record.ts'

/** Result of sweeping the run of a dead holder. */
export interface SweptRun {
  readonly id: string
  /** Descriptions of the removed resources; in a dry run, of the resources to remove. */
  readonly found: readonly string[]
  /** Descriptions of the remaining resources; empty after a full success. */
  readonly left: readonly string[]
}

export type Outcome = Promise<SweptRun | undefined>

/** Grace of all stop ladders together in a sweep: nobody waits for a dead holder's services, and 5 s are promised. */
const sweepGraceMs = 1_000

/** Claims a run by renaming its directory, and cleans up. Renaming succeeds for only one of several sweeps. */
export async function reap(entry: Entry): Outcome {
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
  const left = await reclaimAll({ runId: id, marks, resources }, AbortSignal.timeout(sweepGraceMs))
  // A service that makes its directories with their parents may have made the original directory anew while it was
  // being ended. But if this sweep was stopped for long, another sweep may have taken the run and given it back at this
  // path.
  if (existsSync(directory)) await removeTree(original)
  if (left.length === 0) await discardRun(state, id, directory)
  const removed = resources.filter((resource) => !left.some((leftover) => leftover.resource === resource))
  return { id, found: describeRemovable(removed), left: left.map(({ text }) => text) }
}

/** Describes the resources, except the shell in which this sweep was typed. */
export function describeRemovable(resources: readonly Resource[]): string[] {
  const spared = sparedAmong(resources)
  return resources.filter((resource) => !spared.includes(resource)).map(describeResource)
}

/** Returns the directories in which only processes of the run can be. */
function ownDirectories(resources: readonly Resource[]): string[] {
  return resources.flatMap((resource) => (resource.kind === 'directory' ? [resource.path] : []))
}

/** Moves a run with an untrustworthy record out of the way; kills and removes nothing on the word of such a record. */
export function quarantine({ state, id, directory }: Entry): SweptRun | undefined {
  const kept = join(runPaths.quarantine(state), `${id}-${randomName(6)}`)
  if (!tryRename(directory, kept)) return undefined
  return { id, found: [], left: [`the damaged record, which was moved to ${kept}`] }
}

/** Corrects a path, because the run's directory has been renamed since the journal was written. */
function relocate(resource: Resource, from: string, to: string): Resource {
  if (resource.kind !== 'shared-memory' || !resource.pidFile.startsWith(`${from}/`)) return resource
  return { ...resource, pidFile: join(to, resource.pidFile.slice(from.length)) }
}

export function plain(startTime: string): string {
  return startTime.replaceAll(/\W/g, '_')
}

/** Moves the directory; returns `false` if another process was faster. */
function tryRename(from: string, to: string): boolean {
  if (!existsSync(from)) return false
  mkdirSync(join(to, '..'), { recursive: true, mode: 0o700 })
  return succeedsUnless(['ENOENT', 'ENOTEMPTY', 'EEXIST'], () => renameSync(from, to))
}
