import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { createDeferred } from '../kernel/deferred.ts'
import { asError, StateError } from '../kernel/errors.ts'
import type { Ended } from './ended.ts'
import { identify, type ProcessIdentity } from './identity.ts'

/** What is started behind the gate. */
export interface GatedCommand {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string
  readonly stdin?: 'ignore' | 'inherit'
  /** Descriptors that become standard output and standard error. */
  readonly stdout: number | 'inherit' | 'pipe'
  readonly stderr: number | 'inherit' | 'pipe'
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
  /** In the caller's own process group, for a command that a person runs in a terminal. Default: a session of its own. */
  readonly foreground?: boolean
}

/** A process that has a pid but has not begun. */
export interface GatedProcess {
  readonly child: ChildProcess
  readonly identity: ProcessIdentity
  readonly exited: Promise<Ended>
  /** Lets it begin. Until then the end of this process ends it too. */
  open(): void
}

/**
 * The shell waits for a word on descriptor 3 and then becomes the command, with the same pid. If the holder dies
 * before it has journaled that pid, the shell reads the end of the pipe and leaves.
 */
const gateScript = 'read -r go <&3 || exit 125; exec 3<&-; exec "$@"'

/** Starts a command that waits for `open()`. */
export async function spawnGated(command: GatedCommand): Promise<GatedProcess> {
  const child = spawn('/bin/sh', ['-c', gateScript, 'sh', ...command.argv], {
    cwd: command.directory,
    env: command.environment,
    stdio: [command.stdin ?? 'ignore', command.stdout, command.stderr, 'pipe'],
    detached: !command.foreground,
    ...command.user,
  })
  const exited = createDeferred<Ended>()
  // Not `close`: a descendant that keeps the output open would delay it.
  child.on('exit', (exitCode, signal) => exited.resolve({ exitCode, signal }))
  await once(child, 'spawn').catch((thrown) => {
    throw asError(thrown)
  })
  const identity = identify(child.pid ?? -1)
  if (!identity) throw new StateError(`the process for "${command.argv.join(' ')}" was killed before it began`)
  return { child, identity, exited: exited.promise, open: () => openGate(child) }
}

function openGate(child: ChildProcess): void {
  const gate = child.stdio[3] as Writable
  // The shell may have been killed meanwhile: its exit is the news, not the broken pipe.
  gate.on('error', () => {})
  gate.end('go\n')
}
