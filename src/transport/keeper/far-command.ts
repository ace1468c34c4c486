import { bytesOf } from '../../kernel/undecodable.ts'
import { type KeeperNames, keeperScript, markVariable } from './keeper-script.ts'

/** A command on the far side of a connection. */
export interface FarCommand {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string | undefined
  readonly hasInput: boolean
  /** `merged`: a single stream for both outputs; `control`: standard output is the control descriptor. */
  readonly outputs: 'merged' | 'control' | 'separate'
}

/** Names of a command on the far side. */
export interface CommandNames {
  readonly connection: string
  /** Pid of the keeper. */
  readonly keeper: number
  readonly id: number
}

const readScript = 'IFS= read -r _ts_line && eval "$_ts_line"'

/** Command line, for any login shell: reads a script of a single line, and becomes the keeper. */
export const keeperCommandLine = `exec sh -c '${readScript}' sh`

/** Returns the line for the keeper's shell. */
export function keeperLine(names: KeeperNames): string {
  return `${keeperScript(names)}\n`
}

/**
 * Returns the command line, for any login shell, of a shell that is on the keeper's record, and then waits for its
 * command: neither the command nor its variables appear in the list of processes.
 */
export function waitingCommandLine({ keeper, id }: CommandNames): string {
  return `exec sh -c 'echo "start $2 $$" > /proc/$1/fd/4 && ${readScript}' sh ${keeper} ${id}`
}

/** Returns the line with which a waiting shell becomes the command. */
export function commandLine(command: FarCommand, names: CommandNames): Buffer {
  const { PATH: path, ...variables }: Record<string, string> = { ...command.environment, [markVariable]: markOf(names) }
  const statements = [
    refuse(names),
    ...(path === undefined ? [] : [`export PATH=${quote(path)}`]),
    ...(command.directory === undefined
      ? []
      : [`CDPATH= cd -- ${quote(fromHere(command.directory))} >&2 || refuse directory`]),
    `set -- ${command.argv.map(quote).join(' ')}`,
    findProgram,
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${quote(value)}`),
    ...redirections(command),
    'exec "$@"',
  ]
  const text = statements.join('; ')
  // A shell reads one line. Line breaks come from a variable: a command substitution would remove a final line break.
  const lineBreak = text.includes('\n') ? `_ts_break=$(printf '\\nx'); _ts_break=\${_ts_break%x}; ` : ''
  return bytesOf(`${lineBreak}${text.replaceAll('\n', `'"$_ts_break"'`)}\n`)
}

function markOf({ connection, id }: CommandNames): string {
  return `${connection}.${id}.`
}

function refuse({ keeper, id }: CommandNames): string {
  return `refuse() { echo "refuse ${id} $1" > /proc/${keeper}/fd/4; exit 127; }`
}

/** Reports a missing program before `exec`: a failure of `exec` would look like a failure of the command. */
const findProgram = `is_program() { [ -f "$1" ] && [ -x "$1" ]; }; find_program() { case $1 in */*) is_program "$1"; return ;; esac; \
IFS=:; for _ts_entry in $PATH; do if is_program "\${_ts_entry:-.}/$1"; then unset IFS; return 0; fi; done; return 1; }; \
find_program "$1" || refuse program`

/** Returns a path taken by `cd` for neither an option nor `-`, the last directory. */
function fromHere(directory: string): string {
  return directory.startsWith('/') ? directory : `./${directory}`
}

function redirections({ hasInput, outputs }: FarCommand): string[] {
  const input = hasInput ? [] : ['exec < /dev/null']
  if (outputs === 'merged') return [...input, 'exec 2>&1']
  return outputs === 'control' ? [...input, 'exec 3>&1 1>&2'] : input
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
