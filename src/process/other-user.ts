import { valueUnless } from '../kernel/value-unless.ts'
import type { ProcessIdentity } from './inspect/identity.ts'
import { readProcFile } from './inspect/proc-file.ts'
import { askAs, doAs, type SudoScript, sudoArgv } from './sudo.ts'

/**
 * A user other than the present one, as whom `sudo -n` lets us act. Only as the same user can we look at its processes,
 * end them, and write and remove its files. This class holds all shell programs that `sudo` runs for us, except the
 * program that starts an action.
 */
export class OtherUser {
  readonly name: string
  readonly uid: number

  constructor({ name, uid }: { readonly name: string; readonly uid: number }) {
    this.name = name
    this.uid = uid
  }

  /** @throws ERR_PERMISSION, with the line of sudoers that is missing, if `sudo` does not let us act as the user */
  requirePermission(): void {
    askAs(this, { script: ':' })
  }

  /** Returns the command line of `sudo` that runs a script. */
  argv(script: SudoScript): readonly [string, ...string[]] {
    return sudoArgv(this, script)
  }

  /** @see proc_pid_status(5): `Uid` is the real, the effective, the saved and the file system's */
  runs(pid: number): boolean {
    return readProcFile(`/proc/${pid}/status`)?.includes(`\nUid:\t${this.uid}\t${this.uid}\t`) ?? false
  }

  /**
   * Looks at processes of the user. Prints the pid alone for a process with the variable in its environment; for every
   * other process, the pid with each of the links below `/proc/<pid>`. Returns an empty text if `sudo` no longer permits
   * the question: then the known processes cannot be ended either, and the caller names them.
   */
  look(pids: readonly number[], variable: string, links: readonly string[]): string {
    const args = [variable, links.join(' '), ...pids.map(String)]
    return valueUnless(['ERR_PERMISSION'], () => askAs(this, { script: lookScript, args })) ?? ''
  }

  /** Signals a process, or a group when the pid is negative. Returns `false` if that fails. */
  signal(pid: number, signal: NodeJS.Signals): boolean {
    // dash accepts no `--` before a group.
    return this.#try({ script: 'kill -s "$1" "$2"', args: [signal.slice('SIG'.length), String(pid)] })
  }

  /** Kills each process. The next look finds the processes that are still alive. */
  kill(identities: readonly ProcessIdentity[]): void {
    this.#try({ script: killScript, args: identities.flatMap(({ pid, startTime }) => [String(pid), startTime]) })
  }

  /** Makes a directory; fails if the path exists. */
  makeDirectory(path: string, mode: number): Promise<void> {
    return doAs(this, { script: 'mkdir -m "$1" "$2"', args: [mode.toString(8), path] })
  }

  /** Makes a directory for the user alone, unless the directory exists. */
  ensureDirectory(path: string): void {
    askAs(this, { script: 'mkdir -p -m 700 "$1"', args: [path] })
  }

  /** Removes a directory and all its content. Makes read-only directories writable if needed. */
  removeDirectory(path: string): Promise<void> {
    const script = 'rm -rf "$1" 2> /dev/null || { chmod -R u+rwx "$1"; rm -rf "$1"; }'
    return doAs(this, { script, args: [path] })
  }

  removeIfEmpty(path: string): Promise<void> {
    return doAs(this, { script: 'rmdir "$1" 2> /dev/null || :', args: [path] })
  }

  /** Passes the content through a pipe, so that neither arguments nor files of ours show the content. */
  writeFile(path: string, content: string | Buffer, mode: number): void {
    const script = 'umask 077; cat > "$1" && chmod "$2" "$1"'
    askAs(this, { script, args: [path, mode.toString(8)], input: content })
  }

  /** Removes a file; does nothing for a missing file. */
  removeFile(path: string): void {
    askAs(this, { script: 'rm -f "$1"', args: [path] })
  }

  #try(script: SudoScript): boolean {
    return valueUnless(['ERR_PERMISSION', 'ERR_COMMAND'], () => askAs(this, script)) !== undefined
  }
}

const lookScript = `
variable=$1 links=$2; shift 2
for pid do
  if grep -qzxF -e "$variable" "/proc/$pid/environ"; then echo "$pid"; continue; fi
  for name in $links; do echo "$pid $(readlink "/proc/$pid/$name")"; done
done 2> /dev/null`

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
