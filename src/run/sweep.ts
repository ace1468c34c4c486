import { mkdirSync, readdirSync, renameSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { randomName } from '../host/secret.ts'
import { hasCode } from '../kernel/errors.ts'
import { identify, isAlive, ownIdentity } from '../process/identity.ts'
import { type Resource, readJournal } from './journal.ts'
import { runPaths, unfinishedRun } from './run-paths.ts'
import { readRunRecord, runMarks } from './run-record.ts'
import { describeResource, undoAll } from './undo.ts'

/** What a sweep did with one run whose holder is dead. */
export interface SweptRun {
  readonly id: string
  /** What the dead holder had left, in words. */
  readonly found: readonly string[]
  /** What could not be removed, in words; empty when all is well. */
  readonly left: readonly string[]
}

export interface SweepOptions {
  /** Says what would be removed, and removes nothing. */
  readonly dryRun?: boolean
}

/** Removes what dead holders left behind; runs of living holders are not touched. */
export async function sweep(stateDirectory: string, options: SweepOptions = {}): Promise<SweptRun[]> {
  const runs = runPaths.runs(stateDirectory)
  const swept = list(runs).map((name) => sweepEntry(stateDirectory, join(runs, name), options))
  const reaping = runPaths.reaping(stateDirectory)
  const resumed = list(reaping).map((name) => resume(stateDirectory, join(reaping, name), options))
  const all = await Promise.all([...swept, ...resumed])
  return all.filter((run) => run !== undefined)
}

/** The guardian's sweep: the end of its pipe has proved that the holder of this run is gone. */
export async function sweepRun(stateDirectory: string, id: string): Promise<SweptRun | undefined> {
  await rm(unfinishedRun(stateDirectory, id), { recursive: true, force: true })
  return reap(stateDirectory, join(runPaths.runs(stateDirectory), id))
}

async function sweepEntry(state: string, directory: string, options: SweepOptions): Promise<SweptRun | undefined> {
  if (basename(directory).startsWith('.')) return sweepUnfinished(directory, options)
  const record = readRunRecord(directory)
  if (record === 'damaged') return quarantine(state, directory, options)
  if (!record || isAlive(record.holder)) return undefined
  return options.dryRun ? report(directory) : reap(state, directory)
}

/** A run whose holder died before it was complete has made nothing yet. */
async function sweepUnfinished(directory: string, options: SweepOptions): Promise<undefined> {
  const record = readRunRecord(directory)
  const abandoned = record !== undefined && record !== 'damaged' && !isAlive(record.holder)
  if (abandoned && !options.dryRun) await rm(directory, { recursive: true, force: true })
}

/** Goes on with what a sweep that died had claimed. */
async function resume(state: string, directory: string, options: SweepOptions): Promise<SweptRun | undefined> {
  const [, pid, startTime] = /@(\d+)-(\w+)$/.exec(directory) ?? []
  if (plain(identify(Number(pid))?.startTime) === startTime) return undefined
  return options.dryRun ? report(directory) : reap(state, directory)
}

/** Claims by rename, in which only one of many sweeps succeeds, and cleans up. */
async function reap(state: string, directory: string): Promise<SweptRun | undefined> {
  mkdirSync(runPaths.reaping(state), { recursive: true, mode: 0o700 })
  const { pid, startTime } = ownIdentity()
  const claimed = join(runPaths.reaping(state), `${runIdOf(directory)}@${pid}-${plain(startTime)}`)
  return tryRename(directory, claimed) ? cleanUp(state, claimed) : undefined
}

async function cleanUp(state: string, claimed: string): Promise<SweptRun | undefined> {
  const swept = report(claimed)
  if (!swept) return quarantine(state, claimed, {})
  const original = join(runPaths.runs(state), swept.id)
  const resources = readJournal(runPaths.journal(claimed)).map((resource) => relocate(resource, original, claimed))
  const left = await undoAll(swept.id, runMarks(swept.id, [original, claimed]), resources)
  // What could not be undone stays recorded, so that the next sweep tries again.
  if (left.length === 0) await rm(claimed, { recursive: true, force: true, maxRetries: 3 })
  return { ...swept, left }
}

function report(directory: string): SweptRun | undefined {
  const record = readRunRecord(directory)
  if (record === undefined || record === 'damaged') return undefined
  return { id: record.id, found: readJournal(runPaths.journal(directory)).map(describeResource), left: [] }
}

/** A record that cannot be trusted is moved out of the way; nothing is killed or removed on its word. */
function quarantine(state: string, directory: string, options: SweepOptions): SweptRun | undefined {
  const kept = join(runPaths.quarantine(state), `${runIdOf(directory)}-${randomName(6)}`)
  if (options.dryRun) return { id: runIdOf(directory), found: ['a damaged record'], left: [] }
  mkdirSync(runPaths.quarantine(state), { recursive: true, mode: 0o700 })
  if (!tryRename(directory, kept)) return undefined
  return { id: runIdOf(directory), found: [], left: [`the damaged record, which was moved to ${kept}`] }
}

/** The run's directory has been renamed since its journal was written. */
function relocate(resource: Resource, from: string, to: string): Resource {
  if (resource.kind !== 'shared-memory' || !resource.pidFile.startsWith(`${from}/`)) return resource
  return { ...resource, pidFile: join(to, resource.pidFile.slice(from.length)) }
}

function runIdOf(directory: string): string {
  return basename(directory).split('@')[0] ?? ''
}

function plain(startTime: string | undefined): string | undefined {
  return startTime?.replaceAll(/\W/g, '_')
}

/** Whether this process, and no other, moved the directory. */
function tryRename(from: string, to: string): boolean {
  try {
    renameSync(from, to)
    return true
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT', 'ENOTEMPTY', 'EEXIST')) return false
    throw thrown
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return []
    throw thrown
  }
}
