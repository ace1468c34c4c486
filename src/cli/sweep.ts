import { stateDirectory } from '../host/state-directory.ts'
import { type SweepOptions, type SweptRun, sweep } from '../run/sweep.ts'
import { exitCodes } from './exit-codes.ts'

/** Removes what dead holders left behind, and says what it was. */
export async function sweepAll({ dryRun = false }: Pick<SweepOptions, 'dryRun'>): Promise<number> {
  const swept = await sweep(stateDirectory(), { dryRun })
  const verb = dryRun ? 'would remove' : 'removed'
  for (const run of swept) process.stdout.write(describe(run, verb))
  if (swept.length === 0) process.stdout.write('nothing was left behind\n')
  return swept.some(({ left }) => left.length > 0) ? exitCodes.failed : exitCodes.done
}

function describe({ id, found, left }: SweptRun, verb: string): string {
  const lines = [
    `run ${id}: ${verb} its directory`,
    ...found.map((what) => `  ${verb} ${what}`),
    ...left.map((what) => `  left ${what}`),
  ]
  return `${lines.join('\n')}\n`
}
