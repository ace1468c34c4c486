import { processExists } from '../../kernel/process-exists.ts'
import { hasEnded, readStat } from './identity.ts'
import { readProcFile } from './proc-file.ts'

/** Flag of a thread that has begun to exit. @see include/linux/sched.h */
const exitingFlag = 0x4
const sigkillBit = 1n << 8n

/**
 * Whether the kernel has begun to end a process: the process exits, or has a pending SIGKILL. Clients see their
 * connections break before the process table shows the end. Always `false` on systems other than Linux.
 *
 * @see proc_pid_stat(5) `flags`, proc_pid_status(5) `SigPnd`
 */
export function isEnding(pid: number): boolean {
  if (process.platform !== 'linux') return false
  const stat = readProcFile(`/proc/${pid}/stat`) ?? ''
  const flags = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[6])
  return (flags & exitingFlag) !== 0 || isToBeKilled(pid)
}

/** Whether a process seems to run. The check is quick and does not notice a reused pid. */
export function seemsToRun(pid: number): boolean {
  return processExists(pid) && (process.platform !== 'linux' || !(isGoneOrZombie(pid) || isEnding(pid)))
}

function isGoneOrZombie(pid: number): boolean {
  const stat = readStat(pid)
  return stat === undefined || hasEnded(stat)
}

function isToBeKilled(pid: number): boolean {
  const status = readProcFile(`/proc/${pid}/status`) ?? ''
  const pending = status.matchAll(/^(?:Sig|Shd)Pnd:\t([0-9a-f]+)$/gm)
  return Array.from(pending).some(([, mask]) => (BigInt(`0x${mask}`) & sigkillBit) !== 0n)
}
