import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { monotonicMs } from '../kernel/clock.ts'
import { LeftBehindError } from '../kernel/errors.ts'
import { poll } from '../kernel/poll.ts'
import { valueUnless } from '../kernel/value-unless.ts'
import { isAlive } from '../process/inspect/identity.ts'
import { runPaths } from '../run/run-paths.ts'
import type { Holder } from './holder-record.ts'

type Stopped = Pick<Holder, 'identity' | 'runDirectory' | 'name'>

const pollMs = 10
/** Limit for the whole stop. What a service with a longer grace has left by then is named as left behind. */
const stopLimitMs = 60_000

/**
 * Sends one SIGTERM, and waits until the holder and all its services are gone.
 *
 * @throws ERR_LEFT_BEHIND if the holder does not end
 */
export async function stopHolder({ identity, runDirectory, name }: Stopped): Promise<void> {
  if (isAlive(identity)) signal(identity.pid)
  const givesUpAt = monotonicMs() + stopLimitMs
  await poll({ firstMs: pollMs }, () => {
    if (!isAlive(identity) && !existsSync(runDirectory) && !isBeingSwept(runDirectory)) return true
    if (monotonicMs() <= givesUpAt) return undefined
    throw new LeftBehindError(`stopping "${name}" within ${stopLimitMs} ms`, [`process ${identity.pid}`, runDirectory])
  })
}

/** Whether a sweep works on the run: if the holder was killed, a sweep has renamed the run's directory. */
function isBeingSwept(runDirectory: string): boolean {
  const reaping = runPaths.reaping(dirname(dirname(runDirectory)))
  return existsSync(reaping) && readdirSync(reaping).some((name) => name.startsWith(`${basename(runDirectory)}@`))
}

function signal(pid: number): void {
  // A stopped process acts on a signal only when it is continued.
  for (const name of ['SIGTERM', 'SIGCONT'] as const) valueUnless(['ESRCH'], () => process.kill(pid, name))
}
