import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { removeOldLogs } from '../../helper/helper-log.ts'
import { cacheDirectory } from '../../host/cache/cache-directory.ts'
import { sweepCache } from '../../host/cache/cache-sweep.ts'
import { reachableDirectory } from '../../host/reach.ts'
import { stateDirectory } from '../../host/state-directory.ts'
import { unprivilegedAccount } from '../../host/unprivileged.ts'
import type { SweptRun } from '../../run/reap.ts'
import { runPaths } from '../../run/run-paths.ts'
import { type SweepOptions, sweep } from '../../run/sweep.ts'
import { exitCodes } from '../terminal/exit-codes.ts'

export interface SweepAllOptions extends Pick<SweepOptions, 'dryRun'> {
  /** Empties the cache of prepared data as well. */
  readonly cache?: boolean | undefined
}

/** Removes the leftovers of dead holders, prints a description of each, and names the rest for a person to remove. */
export async function sweepAll({ dryRun = false, cache = false }: SweepAllOptions): Promise<number> {
  const state = stateDirectory()
  const swept = await sweep(state, { dryRun })
  if (!dryRun) removeOldLogs(state)
  const quarantined = listQuarantined(state)
  const verb = dryRun ? 'would remove' : 'removed'
  for (const run of swept) process.stdout.write(describeSwept(run, verb))
  for (const path of quarantined) process.stdout.write(describeQuarantined(path))
  if (swept.length + quarantined.length === 0) process.stdout.write('nothing was left behind\n')
  if (cache) process.stdout.write(await emptyCache(dryRun))
  const isClean = quarantined.length === 0 && swept.every(({ left }) => left.length === 0)
  return isClean ? exitCodes.done : exitCodes.failed
}

/**
 * Empties the cache, including the cache for servers of a separate account, if such a cache exists. Returns the report.
 */
async function emptyCache(dryRun: boolean): Promise<string> {
  const root = cacheDirectory()
  const roots = new Set([root, reachableDirectory(root, await unprivilegedAccount())])
  const removed = [...roots].flatMap((each) => sweepCache(each, { dryRun }))
  const verb = dryRun ? 'would remove' : 'removed'
  const lines = removed.map(({ path, bytes }) => `  ${verb} ${path} (${megabytes(bytes)})\n`)
  const total = megabytes(removed.reduce((sum, { bytes }) => sum + bytes, 0))
  const summary = `the cache of prepared data: ${verb} ${removed.length} of its entries, ${total}`
  return `${summary}; what was used in the last 10 minutes stays\n${lines.join('')}`
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

function describeSwept({ id, found, left }: SweptRun, verb: string): string {
  const lines = [
    left.length === 0 ? `run ${id}: ${verb} its directory` : `run ${id}: kept on record, for the next sweep`,
    ...found.map((what) => `  ${verb} ${what}`),
    ...left.map((what) => `  left ${what}`),
  ]
  return `${lines.join('\n')}\n`
}

/** Returns the runs that no sweep dared to touch: their processes may live. */
function listQuarantined(state: string): string[] {
  const directory = runPaths.quarantine(state)
  return existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name)) : []
}

function describeQuarantined(path: string): string {
  return `in quarantine: ${path}
  a damaged run, on whose word nothing is ended or removed: look at ${runPaths.journal(path)}, end what
  still runs of what it names, remove that, and then the directory itself
`
}
