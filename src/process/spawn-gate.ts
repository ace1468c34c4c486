// biome-ignore lint/style/noRestrictedImports: is the gate that every process of a run passes
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { createDeferred } from '../kernel/deferred.ts'
import { asError, CommandError, StateError } from '../kernel/errors.ts'
import { allSettledOrThrow } from '../kernel/settled.ts'
import { hasUndecodable, printfEscaped } from '../kernel/undecodable.ts'
import type { UserIds } from '../kernel/user-ids.ts'
import { enterControlGroup } from './control-group.ts'
import { describeEnd, type Ended } from './ended.ts'
import { findExecutable } from './executable.ts'
import { identify, type ProcessIdentity } from './inspect/identity.ts'

/** Command to start behind the gate. */
export interface GatedCommand {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string
  readonly stdin?: 'ignore' | 'inherit' | 'pipe'
  /** Descriptors that become standard output and standard error. */
  readonly stdout: number | 'inherit' | 'pipe' | 'ignore'
  /** `stdout`: the same descriptor as standard output, so that the order of both outputs is kept. */
  readonly stderr: number | 'inherit' | 'pipe' | 'ignore' | 'stdout'
  /** Gives the command standard output as descriptor 3, and sends both of its outputs through standard error. */
  readonly hasControl?: boolean
  readonly user?: UserIds | undefined
  /** Control group for the process and all its future children. */
  readonly controlGroup?: string | undefined
  /**
   * Whether the command starts no process in its first 50 ms. The gate then opens while the kernel still moves the
   * process into its control group. Default: false.
   */
  readonly startsAlone?: boolean | undefined
  /**
   * Runs in the caller's process group, for a command that a person runs in a terminal. Default: a session of its own.
   */
  readonly foreground?: boolean
}

/** A process after its gate has opened. */
export interface GatedProcess {
  readonly child: ChildProcess
  readonly identity: ProcessIdentity
  readonly exited: Promise<Ended>
  /** Whether the process is in its control group, and its children with it; known at once, unless it starts alone. */
  readonly isGrouped: Promise<boolean>
}

/**
 * Called with the identity before the process begins. The record of the process must be written synchronously, before
 * anything else. Slow work may follow: the process waits at its gate until the promise is fulfilled.
 */
export type BeforeExec = (identity: ProcessIdentity) => Promise<void> | void

/**
 * The shell waits for a word on descriptor 3 and then becomes the command, with the same pid. If the holder dies before
 * journaling the pid, the shell reads the end of the pipe and exits.
 */
const gateScript = 'read -r go <&3 || exit 125; exec 3<&-; exec "$@"'
/**
 * Merges the outputs before the last step, so that complaints of the shell, of a bad interpreter for example, are seen.
 */
const mergingGateScript = gateScript.replace('3<&-', '3<&- 2>&1')
const controlGateScript = gateScript.replace('3<&-', '3>&1 1>&2')

/**
 * Starts a command that begins once `beforeExec` has returned. If `beforeExec` throws, the command never begins.
 *
 * @throws ERR_COMMAND if the system starts no process; any error of `beforeExec`
 */
export async function spawnGated(command: GatedCommand, beforeExec: BeforeExec): Promise<GatedProcess> {
  const [shell, ...options] = gateShell(command.environment)
  const isMerged = command.stderr === 'stdout'
  const { script: decoding, environment } = decodedByShell(command.environment)
  const script = decoding + scriptOf(command)
  const child = spawn(shell, [...options, '-c', script, 'sh', ...command.argv], {
    cwd: command.directory,
    env: environment,
    stdio: [command.stdin ?? 'ignore', command.stdout, isMerged ? 'ignore' : command.stderr, 'pipe'],
    detached: !command.foreground,
    ...command.user,
  })
  const exited = createDeferred<Ended>()
  // Waits for `exit`, not `close`: a descendant that keeps the output open would delay `close`.
  child.on('exit', (exitCode, signal) => exited.resolve({ exitCode, signal }))
  await once(child, 'spawn').catch((thrown) => {
    throw cannotStart(command, asError(thrown))
  })
  const gate = child.stdio[3] as Writable
  // The shell may be killed meanwhile: the exit is the news, not the broken pipe.
  gate.on('error', () => {})
  try {
    const identity = identify(child.pid ?? -1)
    if (!identity) throw diedAtTheGate(command, await exited.promise)
    const { isGrouped } = await standAtGate(command, identity, beforeExec)
    gate.end('go\n')
    return { child, identity, exited: exited.promise, isGrouped }
  } catch (thrown) {
    gate.destroy()
    await exited.promise
    throw thrown
  }
}

function scriptOf({ stderr, hasControl }: GatedCommand): string {
  if (hasControl) return controlGateScript
  return stderr === 'stdout' ? mergingGateScript : gateScript
}

async function standAtGate(
  { controlGroup, startsAlone }: GatedCommand,
  identity: ProcessIdentity,
  beforeExec: BeforeExec,
): Promise<Pick<GatedProcess, 'isGrouped'>> {
  const isGrouped = controlGroup === undefined ? Promise.resolve(false) : enterControlGroup(controlGroup, identity)
  const prepared = (async () => beforeExec(identity))()
  // An error is thrown by whoever awaits the promise.
  isGrouped.catch(() => {})
  await allSettledOrThrow(startsAlone ? [prepared] : [isGrouped, prepared])
  return { isGrouped }
}

const shellName = /^[A-Za-z_]\w*$/

/** dash drops variables whose name is not valid in a shell, such as `spring.datasource.url`; bash passes them on. */
function gateShell(environment: Readonly<Record<string, string>>): [string, ...string[]] {
  const bash = Object.keys(environment).every((name) => shellName.test(name)) ? undefined : findExecutable('bash')
  // -p: ignores BASH_ENV and functions from the environment.
  return bash ? [bash, '-p'] : ['/bin/sh']
}

/**
 * Node passes on text only: for a value that is not UTF-8, the environment contains escapes, from which the shell makes
 * the bytes.
 */
function decodedByShell(
  environment: GatedCommand['environment'],
): Pick<GatedCommand, 'environment'> & { script: string } {
  const names = Object.keys(environment).filter(
    (name) => shellName.test(name) && hasUndecodable(environment[name] ?? ''),
  )
  if (names.length === 0) return { environment, script: '' }
  const escaped = names.map((name) => [name, printfEscaped(environment[name] ?? '')])
  // The appended `x` protects the line breaks at the end, which the shell would remove.
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
