import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { claimHolder } from '../host/claim.ts'
import { namesIn } from '../host/files/names-in.ts'
import { epochMs } from '../kernel/clock.ts'
import { LogFile } from '../process/log-file.ts'
import { runPaths } from '../run/run-paths.ts'

const suffix = '.log'
/** Time for which the log of a helper that has ended stays. */
const keptMs = 7 * 24 * 60 * 60_000

function directoryIn(state: string): string {
  return join(state, 'helpers')
}

/** Returns the log of a helper: what the helper itself says, as opposed to its services. */
export function helperLog(state: string, claim: string): LogFile {
  return new LogFile(join(directoryIn(state), `${claim}${suffix}`))
}

/** Removes the logs of helpers that have ended, and wrote nothing for seven days. */
export function removeOldLogs(state: string): void {
  const directory = directoryIn(state)
  for (const name of namesIn(directory)) {
    const path = join(directory, name)
    const isHeld = claimHolder(join(runPaths.claims(state), name.slice(0, -suffix.length))) !== undefined
    const writtenAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? epochMs()
    if (!isHeld && epochMs() - writtenAt > keptMs) rmSync(path, { force: true })
  }
}
