import { statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { CleanUpStack } from '../../kernel/cleanup-stack.ts'
import { StateError } from '../../kernel/errors.ts'
import { acquireRun, releaseRun } from '../../run/own-run.ts'

const longestName = 150

/**
 * Locks an output directory for this process. The lock of a killed process is removed by the next run.
 *
 * @param directory whose parent exists
 * @throws ERR_STATE if another workflow writes to the directory
 */
export async function lockOutput(directory: string): Promise<AsyncDisposable> {
  await using undo = new CleanUpStack()
  const run = await acquireRun()
  undo.add(() => releaseRun(run))
  const claim = run.tryClaim(`workflow-${placeOf(directory)}`)
  if (!claim)
    throw new StateError(
      `another workflow is writing to ${directory}: wait for its end, or choose another directory with --output`,
    )
  undo.add(claim.release)
  return undo.move()
}

/**
 * Returns a name for a directory, whatever path leads to the directory. The directory may not exist yet, so the name is
 * that of the place. Directories whose long names begin alike share a lock.
 */
function placeOf(directory: string): string {
  const { dev, ino } = statSync(dirname(directory))
  return `${dev}-${ino}-${encodeURIComponent(basename(directory)).slice(0, longestName)}`
}
