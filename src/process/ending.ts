import { hasCode } from '../kernel/errors.ts'
import { isDead, readStat } from './identity.ts'
import { readProcFile } from './proc-file.ts'

/** A flag of a thread that has begun to exit. @see include/linux/sched.h */
const exitingFlag = 0x4
const sigkillBit = 1n << 8n

/**
 * Whether the kernel has begun to end a process: it exits, or SIGKILL waits for it. Its clients see their connections
 * break before its state in the process table tells that it has ended. Always `false` on other systems than Linux.
 *
 * @see proc_pid_stat(5) `flags`, proc_pid_status(5) `SigPnd`
 */
export function isEnding(pid: number): boolean {
  if (process.platform !== 'linux') return false
  const stat = readProcFile(`/proc/${pid}/stat`) ?? ''
  const flags = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[6])
  return (flags & exitingFlag) !== 0 || isToBeKilled(pid)
}

/** Whether a process runs, as far as a quick look tells: a pid that has been given out again is not noticed. */
export function seemsToRun(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (thrown) {
    return hasCode(thrown, 'EPERM')
  }
  return process.platform !== 'linux' || !(isZombie(pid) || isEnding(pid))
}

function isZombie(pid: number): boolean {
  const stat = readStat(pid)
  return stat === undefined || isDead(stat)
}

function isToBeKilled(pid: number): boolean {
  const status = readProcFile(`/proc/${pid}/status`) ?? ''
  const pending = status.matchAll(/^(?:Sig|Shd)Pnd:\t([0-9a-f]+)$/gm)
  return Array.from(pending).some(([, mask]) => (BigInt(`0x${mask}`) & sigkillBit) !== 0n)
}
