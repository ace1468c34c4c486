import { valueUnless } from '../kernel/value-unless.ts'
import { isAlive, type ProcessIdentity } from './inspect/identity.ts'
import { readProcessTable, withDescendants } from './inspect/process-table.ts'
import type { OtherUser } from './other-user.ts'
import { killTree } from './tree.ts'

/**
 * Signals one process, or a group when the pid is negative. A process that is gone is no error. A process that we may
 * not signal (EPERM: the process changed its user) is found again at the end, and named.
 *
 * @param users users as whom the process may have been started by `sudo`
 */
export function send(pid: number, signal: NodeJS.Signals, users: readonly OtherUser[] = []): void {
  const isSent = users.map((user) => user.signal(pid, signal)).includes(true)
  // A second signal from us would reach the user's `sudo` in the same group, which would relay the signal once more.
  if (isSent && signal !== 'SIGKILL') return
  valueUnless(['ESRCH', 'EPERM'], () => process.kill(pid, signal))
}

/**
 * Signals the process alone, not its group. If the process is a `sudo`, signals the command that `sudo` has started. A
 * stopped process acts on the signal when it is continued.
 */
export function signalMain(identity: ProcessIdentity, signal: NodeJS.Signals, user?: OtherUser): void {
  if (!isAlive(identity)) return
  const pid = (user && mainBelow(identity.pid, user)) ?? identity.pid
  const users = user ? [user] : []
  send(pid, signal, users)
  if (signal !== 'SIGKILL') send(pid, 'SIGCONT', users)
}

/** Relies on the order of the table: parents come before their children. */
function mainBelow(pid: number, user: OtherUser): number | undefined {
  return [...withDescendants([pid], readProcessTable())].find((each) => user.runs(each))
}

/**
 * Kills each process. On systems without a process table, also kills the descendants. Kills processes of other users as
 * those users.
 */
export async function killEach(
  identities: readonly ProcessIdentity[],
  users: readonly OtherUser[] = [],
): Promise<void> {
  const living = users.length > 0 ? identities.filter(isAlive) : []
  // Children of `sudo` are killed before `sudo` itself, since `sudo` reports how its command ended.
  if (living.length > 0) for (const user of users) user.kill(living)
  await Promise.all(identities.map((identity) => killTree(identity)))
}
