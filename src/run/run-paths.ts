import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { removeTree } from '../host/files/remove-tree.ts'

/** Paths below the state directory. */
export const runPaths = {
  runs: (state: string) => join(state, 'runs'),
  /** Runs claimed by a sweep; claiming moves a run here. */
  reaping: (state: string) => join(state, 'reaping'),
  /** Runs whose record cannot be read: kept for a person to look at, never acted on. */
  quarantine: (state: string) => join(state, 'quarantine'),
  claims: (state: string) => join(state, 'claims'),
  record: (run: string) => join(run, 'run.json'),
  holder: (run: string) => join(run, 'holder.json'),
  journal: (run: string) => join(run, 'journal.jsonl'),
} as const

/** Returns the directory of a run before the run is complete, and after all its resources are gone. */
export function unfinishedRun(state: string, id: string): string {
  return join(runPaths.runs(state), `.${id}`)
}

/**
 * Removes the directory of a run without resources. Renames the directory first, so that a half-removed run is not
 * taken for a damaged run.
 */
export async function discardRun(state: string, id: string, directory: string): Promise<void> {
  const unfinished = unfinishedRun(state, id)
  if (existsSync(directory)) renameSync(directory, unfinished)
  await removeTree(unfinished)
}
