import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { CleanUpStack } from '../../kernel/cleanup-stack.ts'
import { StateError } from '../../kernel/errors.ts'
import { acquireRun, releaseRun } from '../../run/run.ts'

const hashDigits = 20

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
  const claim = run.tryClaim(`workflow-${hashOf(directory)}`)
  if (!claim)
    throw new StateError(
      `another workflow is writing to ${directory}: wait for its end, or choose another directory with --output`,
    )
  undo.add(claim.release)
  return undo.move()
}

/** The last part of the path may not exist yet. */
function hashOf(directory: string): string {
  const path = join(realpathSync(dirname(directory)), basename(directory))
  return createHash('sha256').update(path).digest('hex').slice(0, hashDigits)
}
