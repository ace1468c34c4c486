import { quoteArguments } from '../../shell/quote-argv.ts'

/** Runs `$1` as tmt does: with the variables from the plan's scripts, up to the first failing command. */
const runner = `if [ -f "$TMT_PLAN_ENVIRONMENT_FILE" ]; then set -a; . "$TMT_PLAN_ENVIRONMENT_FILE"; set +a; fi
shell=$(command -v bash) || exec sh -ec "$1"
exec "$shell" -eo pipefail -c "$1"`

/** Returns the command for a script of a plan or a test, by bash if the machine has bash. */
export function scriptCommand(script: string): string[] {
  return ['sh', '-c', runner, 'sh', script]
}

/** Gives `$1` a terminal, by a program of util-linux. The program takes the shell from `SHELL`. */
const terminal = 'SHELL=/bin/sh TERM=xterm exec script -qefc "$1" /dev/null'

/** Returns the command for a script in a terminal of 80 columns. */
export function terminalCommand(script: string): string[] {
  return ['sh', '-c', terminal, 'sh', `stty rows 24 cols 80; exec ${quoteArguments(scriptCommand(script))}`]
}

/** Makes the directory `$1`, with the file `$2` from standard input. */
const writing = 'mkdir -p "$1" && cat > "$1/$2"'

export function writeCommand(directory: string, name: string): string[] {
  return ['sh', '-c', writing, 'sh', directory, name]
}

const installing = `how=$1
shift
have() { command -v "$1" > /dev/null 2>&1; }
as_root() { if have sudo && [ "$(id -u)" != 0 ]; then sudo -n "$@"; else "$@"; fi; }
if have dnf || have yum; then
  tool=$(command -v dnf || command -v yum)
  is_installed() { rpm -q --whatprovides "$1" > /dev/null 2>&1; }
  install() { as_root "$tool" -y install "$@"; }
elif have apt-get; then
  is_installed() { [ "$(dpkg-query -W -f='\${db:Status-Status}' "$1" 2> /dev/null)" = installed ]; }
  get() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=300 "$@"; }
  install() { get install --no-install-recommends "$@" || { get update && get install --no-install-recommends "$@"; }; }
elif have apk; then
  is_installed() { apk info -e "$1" > /dev/null 2>&1; }
  install() { as_root apk add "$@"; }
else
  is_installed() { false; }
  install() { echo "$*: the machine has none of dnf, yum, apt-get and apk" >&2; return 1; }
fi
for package do
  shift
  is_installed "$package" || set -- "$@" "$package"
done
if [ "$how" = missing ]; then
  echo "$*"
elif [ "$how" = optional ]; then
  for package do install "$package" || true; done
elif [ $# -gt 0 ]; then
  install "$@"
fi`

/**
 * Returns the command for installing missing packages, by the package manager of the machine.
 *
 * @param how `optional`: a package may fail; `missing`: only prints the missing packages
 */
export function installCommand(packages: readonly string[], how: 'required' | 'optional' | 'missing'): string[] {
  return ['sh', '-c', installing, 'sh', how, ...packages]
}
