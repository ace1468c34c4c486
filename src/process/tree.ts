import { valueUnless } from '../kernel/value-unless.ts'
import { isAlive, type ProcessIdentity } from './inspect/identity.ts'

/**
 * Kills one process. Without `/proc`, kills the descendants too, by `tree-kill`, which asks `pgrep`. On Linux the
 * process table has already named every descendant, and `tree-kill` would need a `ps` that may be missing.
 */
export async function killTree(identity: ProcessIdentity): Promise<void> {
  if (!isAlive(identity)) return
  if (process.platform !== 'linux') return killByTool(identity.pid)
  // EPERM: the user of the process changed in between; the caller reports the process as left behind.
  valueUnless(['ESRCH', 'EPERM'], () => process.kill(identity.pid, 'SIGKILL'))
}

async function killByTool(pid: number): Promise<void> {
  const { default: treeKill } = await import('tree-kill')
  await new Promise<void>((resolve, reject) => treeKill(pid, 'SIGKILL', (error) => (error ? reject(error) : resolve())))
}
