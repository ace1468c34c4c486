import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { stateDirectory } from '../host/state-directory.ts'
import { runPaths } from '../run/run-paths.ts'
import { type SweepOptions, type SweptRun, sweep } from '../run/sweep.ts'
import { exitCodes } from './exit-codes.ts'

/** Removes what dead holders left behind, and says what it was, and what is left for a person to do. */
export async function sweepAll({ dryRun = false }: Pick<SweepOptions, 'dryRun'>): Promise<number> {
  const state = stateDirectory()
  const swept = await sweep(state, { dryRun })
  const quarantined = listQuarantined(state)
  const verb = dryRun ? 'would remove' : 'removed'
  for (const run of swept) process.stdout.write(describe(run, verb))
  for (const path of quarantined) process.stdout.write(describeQuarantined(path))
  if (swept.length + quarantined.length === 0) process.stdout.write('nothing was left behind\n')
  const isClean = quarantined.length === 0 && swept.every(({ left }) => left.length === 0)
  return isClean ? exitCodes.done : exitCodes.failed
}

function describe({ id, found, left }: SweptRun, verb: string): string {
  const lines = [
    `run ${id}: ${verb} its directory`,
    ...found.map((what) => `  ${verb} ${what}`),
    ...left.map((what) => `  left ${what}`),
  ]
  return `${lines.join('\n')}\n`
}

/** The runs that an earlier sweep, or this one, did not dare to act on: their processes may live. */
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
