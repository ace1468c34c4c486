import { hasCode } from './errors.ts'

/** Whether a process has the pid, or is in the group if the number is negative. Zombies count as processes. */
export function processExists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (thrown) {
    if (hasCode(thrown, 'ESRCH')) return false
    if (hasCode(thrown, 'EPERM')) return true
    throw thrown
  }
}
