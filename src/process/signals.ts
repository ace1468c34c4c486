import { CommandError, PermissionError } from '../kernel/errors.ts'
import { valueUnless } from '../kernel/value-unless.ts'
import { isAlive, type ProcessIdentity } from './identity.ts'
import { descendantsOf, readProcessTable } from './process-table.ts'
import { askAs, isRunBy, type SudoUser } from './sudo.ts'
import { killTree } from './tree.ts'

/**
 * Signals one process, or a group when the pid is negative. A process that is gone is no error. A process that we may
 * not signal (EPERM: the process changed its user) is found again at the end, and named.
 *
 * @param users users as whom the process may have been started by `sudo`
 */
export function send(pid: number, signal: NodeJS.Signals, users: readonly SudoUser[] = []): void {
  const isSent = users.map((user) => sendAs(user, pid, signal)).includes(true)
  // A second signal from us would reach the user's `sudo` in the same group, which would relay the signal once more.
  if (isSent && signal !== 'SIGKILL') return
  valueUnless(['ESRCH', 'EPERM'], () => process.kill(pid, signal))
}

/**
 * Signals the process alone, not its group. If the process is a `sudo`, signals the command that `sudo` has started. A
 * stopped process acts on the signal when it is continued.
 */
export function signalMain(identity: ProcessIdentity, signal: NodeJS.Signals, user?: SudoUser): void {
  if (!isAlive(identity)) return
  const pid = (user && mainBelow(identity.pid, user)) ?? identity.pid
  const users = user ? [user] : []
  send(pid, signal, users)
  if (signal !== 'SIGKILL') send(pid, 'SIGCONT', users)
}

/** Relies on the order of the table: parents come before their children. */
function mainBelow(pid: number, user: SudoUser): number | undefined {
  return [...descendantsOf([pid], readProcessTable())].find((each) => isRunBy(user, each))
}

/**
 * Kills each process. On systems without a process table, also kills the descendants. Kills processes of other users as
 * those users.
 */
export async function killEach(identities: readonly ProcessIdentity[], users: readonly SudoUser[] = []): Promise<void> {
  const living = users.length > 0 ? identities.filter(isAlive) : []
  // Children of `sudo` are killed before `sudo` itself, since `sudo` reports how its command ended.
  if (living.length > 0) for (const user of users) killAs(user, living)
  await Promise.all(identities.map((identity) => killTree(identity)))
}

/** dash accepts no `--` before a group. */
const sendScript = 'kill -s "$1" "$2"'

function sendAs(user: SudoUser, pid: number, signal: NodeJS.Signals): boolean {
  return runSudoScript(user, sendScript, [signal.slice('SIG'.length), String(pid)])
}

/**
 * `sudo` takes milliseconds, and a pid may be reused meanwhile. The process is the same if its start time is the same.
 */
const killScript = `
while [ $# -gt 0 ]; do
  pid=$1 began=$2
  shift 2
  if [ -e /proc/self/stat ]; then
    { read -r stat < "/proc/$pid/stat"; } 2> /dev/null || continue
    [ "$(set -- \${stat##*) }; echo "\${20}")" = "$began" ] || continue
  fi
  kill -s KILL "$pid" 2> /dev/null
done`

function killAs(user: SudoUser, identities: readonly ProcessIdentity[]): void {
  runSudoScript(
    user,
    killScript,
    identities.flatMap(({ pid, startTime }) => [String(pid), startTime]),
  )
}

/** Runs a script; returns `false` if the script fails. The next look finds the processes that are still alive. */
function runSudoScript(user: SudoUser, script: string, args: readonly string[]): boolean {
  try {
    askAs(user, { script, args })
    return true
  } catch (thrown) {
    if (thrown instanceof CommandError || thrown instanceof PermissionError) return false
    throw thrown
  }
}
