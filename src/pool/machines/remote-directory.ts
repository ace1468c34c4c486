import { randomName } from '../../host/secret.ts'
import { TransportError } from '../../kernel/errors.ts'
import { describeEnd } from '../../process/ended.ts'
import { markVariable } from '../../transport/keeper/keeper-script.ts'
import type { Transport } from '../../transport/transport.ts'

/** A directory on a remote host, for a machine of a pool. */
export interface RemoteDirectory {
  /** Holds the directory of the tests, and the pid of the watch. */
  readonly root: string
  /** `NAME=value` in the environment of all commands of the machine. */
  readonly mark: string
}

/** Variable in the environment of the commands of a machine. */
const machineVariable = 'TEST_SERVICES_MACHINE'

const randomLength = 12
const shownLength = 2_000

/** Returns a directory that is not yet made. The caller records the directory first. */
export function newRemoteDirectory(base: string): RemoteDirectory {
  const id = randomName(randomLength)
  return { root: `${base}/ts-${id}`, mark: `${machineVariable}=${id}` }
}

/** Returns the variables of all commands of the machine. */
export function variablesOf({ mark }: Pick<RemoteDirectory, 'mark'>): Record<string, string> {
  return { [machineVariable]: mark.slice(machineVariable.length + 1) }
}

/** Returns the directory for the tests. */
export function testDirectory({ root }: Pick<RemoteDirectory, 'root'>): string {
  return `${root}/files`
}

/**
 * Kills all processes with the mark `$2` in the environment, until none is left, and removes the directory `$1`. Needs
 * `sh`, coreutils and `/proc`. Without `grep`, the first look takes a second, since a shell reads byte by byte. The
 * second look splits the environment into variables.
 */
const endAll = `
seem_marked() {
  if command -v grep >/dev/null; then grep -slF -- "$mark" /proc/[0-9]*/environ; return; fi
  for file in /proc/[0-9]*/environ; do
    while IFS= read -r line || [ "$line" ]; do
      case $line in *"$mark"*) echo "$file" ;; esac
    done <"$file"
  done
}
is_marked() {
  tr '\\000' '\\n' <"$1" | while IFS= read -r line; do [ "$line" != "$mark" ] || echo found; done | read -r answer
}
end_all() {
  root=$1 mark=$2
  for round in 1 2 3 4 5 6 7 8 9; do
    found=
    for file in $(seem_marked); do
      if is_marked "$file"; then pid=\${file#/proc/}; found="$found \${pid%/environ}"; fi
    done
    [ "$found" ] || break
    kill -9 $found
  done
  chmod -R u+rwX -- "$root"
  rm -rf -- "$root"
} 2>/dev/null`

/** Ends the machine `$1` with the mark `$2` after `$3` seconds, even after the death of the caller. */
const watchScript = `${endAll}
echo $$ >"$1/watch" || exit
sleep "$3"
end_all "$1" "$2"`

/**
 * Makes the directory `$1`, and starts the watch, by the script `$4`. The watch leaves the session and the environment
 * of the starting command, in order to outlive the connection.
 */
const makeScript = `
umask 077
mkdir -p -- "\${1%/*}" && mkdir -- "$1" "$1/files" || exit
command -v setsid >/dev/null || { echo 'there is no setsid, which comes with util-linux' >&2; exit 1; }
unset ${markVariable}
setsid sh -c "$4" "test-services-watch-\${2#*=}" "$1" "$2" "$3" </dev/null >/dev/null 2>&1 &
until [ -s "$1/watch" ]; do kill -0 $! || exit; sleep 0.01 2>/dev/null || sleep 1; done`

const endScript = `${endAll}
if read -r pid 2>/dev/null <"$1/watch"; then
  case $(tr '\\000' ' ' 2>/dev/null <"/proc/$pid/cmdline") in
    *"test-services-watch-\${2#*=}"*) kill -9 "-$pid" ;;
  esac
fi
end_all "$1" "$2"
[ ! -e "$1" ]`

interface MakeOptions {
  readonly longestLifeMs: number
  readonly signal?: AbortSignal | undefined
}

/** Makes the directory, and starts the watch that ends the machine after the longest life. @throws ERR_TRANSPORT */
export async function makeRemoteDirectory(
  transport: Transport,
  { root, mark }: RemoteDirectory,
  { longestLifeMs, signal }: MakeOptions,
): Promise<void> {
  const seconds = String(Math.ceil(longestLifeMs / 1_000))
  await succeed(transport, ['sh', '-c', makeScript, 'sh', root, mark, seconds, watchScript], signal)
}

/** Ends the processes and the watch of the machine, and removes the directory. @throws ERR_TRANSPORT */
export async function endRemoteDirectory(
  transport: Transport,
  { root, mark }: RemoteDirectory,
  signal?: AbortSignal,
): Promise<void> {
  await succeed(transport, ['sh', '-c', endScript, 'sh', root, mark], signal)
}

async function succeed(transport: Transport, argv: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  let output = ''
  const onOutput = (chunk: Uint8Array): void => {
    output = (output + Buffer.from(chunk).toString()).slice(-shownLength)
  }
  const ended = await transport.run(argv, { onOutput, signal })
  if (ended.exitCode === 0) return
  const root = argv[4]
  throw new TransportError(`${transport.name}: the directory ${root}: ${describeEnd(ended)}: ${output.trim()}`)
}
