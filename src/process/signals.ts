import { CommandError, hasCode, PermissionError } from '../kernel/errors.ts'
import { isAlive, type ProcessIdentity } from './identity.ts'
import { descendantsOf, readProcessTable } from './process-table.ts'
import { askAs, isRunBy, type SudoUser } from './sudo.ts'
import { killTree } from './tree.ts'

/**
 * Signals one process, or a group when the pid is negative. One that is gone is no error; one that we may not signal
 * (EPERM: it changed its user) is found again at the end, and named.
 *
 * @param users as whom it may have been started by `sudo`
 */
export function send(pid: number, signal: NodeJS.Signals, users: readonly SudoUser[] = []): void {
  const isSent = users.map((user) => sendAs(user, pid, signal)).includes(true)
  // Their `sudo` in the same group would hand the signal on a second time.
  if (isSent && signal !== 'SIGKILL') return
  try {
    process.kill(pid, signal)
  } catch (thrown) {
    if (!hasCode(thrown, 'ESRCH', 'EPERM')) throw thrown
  }
}

/**
 * Signals the process alone, not its group; below a `sudo`, the one that it has started. One that is stopped acts on it
 * when it is continued.
 */
export function signalMain(identity: ProcessIdentity, signal: NodeJS.Signals, user?: SudoUser): void {
  if (!isAlive(identity)) return
  const pid = (user && mainBelow(identity.pid, user)) ?? identity.pid
  const users = user ? [user] : []
  send(pid, signal, users)
  if (signal !== 'SIGKILL') send(pid, 'SIGCONT', users)
}

/** Parents come before their children. */
function mainBelow(pid: number, user: SudoUser): number | undefined {
  return [...descendantsOf([pid], readProcessTable())].find((each) => isRunBy(user, each))
}

/** Kills each, and where there is no process table to name them, what is below it; of other users as these. */
export async function killEach(identities: readonly ProcessIdentity[], users: readonly SudoUser[] = []): Promise<void> {
  const living = users.length > 0 ? identities.filter(isAlive) : []
  // What `sudo` has started goes before it, since it tells how that ended.
  if (living.length > 0) for (const user of users) killAs(user, living)
  await Promise.all(identities.map((identity) => killTree(identity)))
}

/** dash takes no `--` before a group. */
const sendScript = 'kill -s "$1" "$2"'

function sendAs(user: SudoUser, pid: number, signal: NodeJS.Signals): boolean {
  return attempt(user, sendScript, [signal.slice('SIG'.length), String(pid)])
}

/** `sudo` takes milliseconds, in which a pid may get another meaning: it is the same one if it began at the same time. */
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
  attempt(
    user,
    killScript,
    identities.flatMap(({ pid, startTime }) => [String(pid), startTime]),
  )
}

/** What cannot be done is found undone at the next look. */
function attempt(user: SudoUser, script: string, args: readonly string[]): boolean {
  try {
    askAs(user, { script, args })
    return true
  } catch (thrown) {
    if (thrown instanceof CommandError || thrown instanceof PermissionError) return false
    throw thrown
  }
}
