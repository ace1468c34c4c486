// biome-ignore lint/style/noRestrictedImports: is the gate that every process of a run passes
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { createDeferred } from '../kernel/deferred.ts'
import { asError, CommandError, StateError } from '../kernel/errors.ts'
import { settled } from '../kernel/settled.ts'
import { hasUndecodable, printfEscaped } from '../kernel/undecodable.ts'
import { enterControlGroup } from './control-group.ts'
import { describeEnd, type Ended } from './ended.ts'
import { findExecutable } from './executable.ts'
import { identify, type ProcessIdentity } from './identity.ts'

/** What is started behind the gate. */
export interface GatedCommand {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string
  readonly stdin?: 'ignore' | 'inherit'
  /** Descriptors that become standard output and standard error. */
  readonly stdout: number | 'inherit' | 'pipe' | 'ignore'
  /** `stdout`: the same one, so that the order of what is written to both is kept. */
  readonly stderr: number | 'inherit' | 'pipe' | 'ignore' | 'stdout'
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
  /** A control group for it and all that it will start. */
  readonly controlGroup?: string | undefined
  /** In the caller's own process group, for a command that a person runs in a terminal. Default: a session of its own. */
  readonly foreground?: boolean
}

/** A process that has begun. */
export interface GatedProcess {
  readonly child: ChildProcess
  readonly identity: ProcessIdentity
  readonly exited: Promise<Ended>
}

/**
 * Called with the identity before the process begins: what is about to run is recorded first, at once. What it takes
 * longer for is done while the process stands at its gate.
 */
export type Announce = (identity: ProcessIdentity) => Promise<void> | void

/**
 * The shell waits for a word on descriptor 3 and then becomes the command, with the same pid. If the holder dies
 * before it has journaled that pid, the shell reads the end of the pipe and leaves.
 */
const gateScript = 'read -r go <&3 || exit 125; exec 3<&-; exec "$@"'
/** Before the last step, so that the shell's own complaint, of a bad interpreter for example, is seen too. */
const mergingGateScript = gateScript.replace('3<&-', '3<&- 2>&1')

/**
 * Starts a command that begins once `announce` has returned; if that throws, it never begins.
 *
 * @throws ERR_COMMAND when the system starts no process; what `announce` throws
 */
export async function spawnGated(command: GatedCommand, announce: Announce): Promise<GatedProcess> {
  const [shell, ...options] = gateShell(command.environment)
  const isMerged = command.stderr === 'stdout'
  const { script: decoding, environment } = decodedByShell(command.environment)
  const script = decoding + (isMerged ? mergingGateScript : gateScript)
  const child = spawn(shell, [...options, '-c', script, 'sh', ...command.argv], {
    cwd: command.directory,
    env: environment,
    stdio: [command.stdin ?? 'ignore', command.stdout, isMerged ? 'ignore' : command.stderr, 'pipe'],
    detached: !command.foreground,
    ...command.user,
  })
  const exited = createDeferred<Ended>()
  // Not `close`: a descendant that keeps the output open would delay it.
  child.on('exit', (exitCode, signal) => exited.resolve({ exitCode, signal }))
  await once(child, 'spawn').catch((thrown) => {
    throw cannotStart(command, asError(thrown))
  })
  const gate = child.stdio[3] as Writable
  // The shell may be killed meanwhile: its exit is the news, not the broken pipe.
  gate.on('error', () => {})
  try {
    const identity = identify(child.pid ?? -1)
    if (!identity) throw diedAtTheGate(command, await exited.promise)
    await standAtGate(command, identity, announce)
    gate.end('go\n')
    return { child, identity, exited: exited.promise }
  } catch (thrown) {
    gate.destroy()
    await exited.promise
    throw thrown
  }
}

async function standAtGate(
  { controlGroup }: GatedCommand,
  identity: ProcessIdentity,
  announce: Announce,
): Promise<void> {
  const joined = controlGroup === undefined ? undefined : enterControlGroup(controlGroup, identity)
  const announced = (async () => announce(identity))()
  await settled([joined, announced])
}

const shellName = /^[A-Za-z_]\w*$/

/** dash drops variables whose name no shell could use, such as `spring.datasource.url`; bash hands them on. */
function gateShell(environment: Readonly<Record<string, string>>): [string, ...string[]] {
  const bash = Object.keys(environment).every((name) => shellName.test(name)) ? undefined : findExecutable('bash')
  // -p: neither BASH_ENV nor functions from the environment.
  return bash ? [bash, '-p'] : ['/bin/sh']
}

/** Node hands on text alone: the shell makes the bytes of a value that is not UTF-8, from escapes in the environment. */
function decodedByShell(
  environment: GatedCommand['environment'],
): Pick<GatedCommand, 'environment'> & { script: string } {
  const names = Object.keys(environment).filter(
    (name) => shellName.test(name) && hasUndecodable(environment[name] ?? ''),
  )
  if (names.length === 0) return { environment, script: '' }
  const escaped = names.map((name) => [name, printfEscaped(environment[name] ?? '')])
  // The last character keeps the line breaks before it, which the shell would remove.
  const script = names.map((name) => `${name}=$(printf '%bx' "$${name}"); ${name}=\${${name}%x}; `).join('')
  return { environment: { ...environment, ...Object.fromEntries(escaped) }, script }
}

function cannotStart({ argv, directory }: GatedCommand, cause: Error): CommandError {
  const message = `cannot start "${argv.join(' ')}" in ${directory}: ${cause.message}; does the directory exist?`
  return new CommandError(message, undefined, { cause })
}

function diedAtTheGate({ argv }: GatedCommand, ended: Ended): StateError {
  return new StateError(`the process for "${argv.join(' ')}" ended with ${describeEnd(ended)} before it began`)
}
