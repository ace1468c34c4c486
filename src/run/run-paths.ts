import { join } from 'node:path'

/** Where things are below the state directory. */
export const runPaths = {
  runs: (state: string) => join(state, 'runs'),
  /** Runs that a sweep has claimed, by renaming them. */
  reaping: (state: string) => join(state, 'reaping'),
  /** Runs whose record cannot be read: kept for a person to look at, never acted on. */
  quarantine: (state: string) => join(state, 'quarantine'),
  claims: (state: string) => join(state, 'claims'),
  record: (run: string) => join(run, 'run.json'),
  journal: (run: string) => join(run, 'journal.jsonl'),
} as const

/** The directory of a run in the moment before it is complete. */
export function unfinishedRun(state: string, id: string): string {
  return join(runPaths.runs(state), `.${id}`)
}
