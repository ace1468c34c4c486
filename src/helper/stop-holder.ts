import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { monotonicMs } from '../kernel/clock.ts'
import { sleep } from '../kernel/deadline.ts'
import { hasCode, LeftBehindError } from '../kernel/errors.ts'
import { isAlive } from '../process/identity.ts'
import { runPaths } from '../run/run-paths.ts'
import type { Holder } from './holder-record.ts'

type Stopped = Pick<Holder, 'identity' | 'runDirectory' | 'name'>

const pollMs = 10
/** Longer than the graces of any service that we know, and short enough to be waited for. */
const stopLimitMs = 60_000

/**
 * Sends the one signal that stopping takes, and waits until the holder and all that it held are gone.
 *
 * @throws ERR_LEFT_BEHIND when the holder does not end
 */
export async function stopHolder({ identity, runDirectory, name }: Stopped): Promise<void> {
  if (isAlive(identity)) signal(identity.pid)
  const givesUpAt = monotonicMs() + stopLimitMs
  while (isAlive(identity) || existsSync(runDirectory) || isBeingSwept(runDirectory)) {
    if (monotonicMs() > givesUpAt)
      throw new LeftBehindError(`stopping "${name}" within ${stopLimitMs} ms`, [
        `process ${identity.pid}`,
        runDirectory,
      ])
    await sleep(pollMs)
  }
}

/** Of a holder that was killed meanwhile the sweep goes on under another name. */
function isBeingSwept(runDirectory: string): boolean {
  const reaping = runPaths.reaping(dirname(dirname(runDirectory)))
  return existsSync(reaping) && readdirSync(reaping).some((name) => name.startsWith(`${basename(runDirectory)}@`))
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM')
    // A stopped process acts on a signal only when it is continued.
    process.kill(pid, 'SIGCONT')
  } catch (thrown) {
    if (!hasCode(thrown, 'ESRCH')) throw thrown
  }
}
