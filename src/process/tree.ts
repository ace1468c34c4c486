import { hasCode } from '../kernel/errors.ts'
import { isAlive, type ProcessIdentity } from './identity.ts'

/**
 * Kills one process. Where there is no `/proc`, what is below it too, by `tree-kill`, which asks `pgrep`; on Linux the
 * process table has named every descendant already, and `tree-kill` would need a `ps` that may not be there.
 */
export async function killTree(identity: ProcessIdentity): Promise<void> {
  if (!isAlive(identity)) return
  if (process.platform !== 'linux') return killByTool(identity.pid)
  try {
    process.kill(identity.pid, 'SIGKILL')
  } catch (thrown) {
    // EPERM: its user changed in between; the caller reports it as left behind.
    if (!hasCode(thrown, 'ESRCH', 'EPERM')) throw thrown
  }
}

async function killByTool(pid: number): Promise<void> {
  const { default: treeKill } = await import('tree-kill')
  await new Promise<void>((resolve, reject) => treeKill(pid, 'SIGKILL', (error) => (error ? reject(error) : resolve())))
}
