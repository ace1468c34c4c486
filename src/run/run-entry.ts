import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { namesIn } from '../host/files/names-in.ts'
import { type Resource, readJournal } from './journal.ts'
import { runPaths } from './run-paths.ts'
import { type RunRecord, readRunRecord } from './run-record.ts'

/** A directory that is, or was, the directory of a run. */
export interface Entry {
  readonly state: string
  readonly id: string
  readonly directory: string
  /** The record as given by the holder, used if the file cannot be read. */
  readonly known?: RunRecord | undefined
}

export function entries(parent: string): Entry[] {
  const state = join(parent, '..')
  return namesIn(parent).map((name) => ({ state, id: name.split('@')[0] ?? '', directory: join(parent, name) }))
}

export function claimedOf({ state, id }: Entry): Entry | undefined {
  return entries(runPaths.reaping(state)).find((entry) => entry.id === id)
}

export function quarantinedOf(run: Entry): Entry | undefined {
  if (!run.known) return undefined
  const parent = runPaths.quarantine(run.state)
  const name = namesIn(parent).find((kept) => kept.startsWith(`${run.id}-`))
  return name === undefined ? undefined : { ...run, directory: join(parent, name) }
}

/** Returns the record, if it names the same run as the directory: otherwise we would end processes of another run. */
export function recordOf({ id, directory, known }: Entry): RunRecord | 'damaged' | undefined {
  const record = readRunRecord(directory)
  if (record === undefined) return existsSync(directory) ? (known ?? 'damaged') : undefined
  return record !== 'damaged' && record.id === id ? record : (known ?? 'damaged')
}

export function resourcesOf({ directory }: Entry): Resource[] {
  return readJournal(runPaths.journal(directory))
}
