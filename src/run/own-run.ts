import { stateDirectory } from '../host/state-directory.ts'
import { prepareJoins } from '../process/control-group.ts'
import { Run } from './run.ts'
import { sweep } from './sweep.ts'

let starting: Promise<Run> | undefined
let users = 0

/**
 * Returns the run of this process, made for its first user and closed by its last user. Sweeps runs of dead holders
 * first.
 */
export async function acquireRun(): Promise<Run> {
  // As a rule the user starts a process next.
  prepareJoins()
  users++
  starting ??= startRun()
  try {
    return await starting
  } catch (thrown) {
    leave()
    throw thrown
  }
}

async function startRun(): Promise<Run> {
  const state = stateDirectory()
  await sweep(state)
  return new Run(state)
}

/** Removes a user; returns `true` for the last user. A later user makes a new run. */
function leave(): boolean {
  if (--users > 0) return false
  starting = undefined
  return true
}

/** @throws ERR_LEFT_BEHIND if the last user leaves and a resource cannot be removed */
export async function releaseRun(run: Run): Promise<void> {
  if (leave()) await run.close()
}
