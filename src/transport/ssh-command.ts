import type { ClientChannel } from 'ssh2'
import { StateError } from '../kernel/errors.ts'
import { onAbort } from '../kernel/on-abort.ts'
import type { Ended } from '../process/ended.ts'
import { ConnectedStreams } from './command-streams.ts'
import { checkEnd, endCommand } from './far-end.ts'
import type { Pacing } from './feed-input.ts'
import { Interruption } from './interruption.ts'
import { commandLine } from './keeper/far-command.ts'
import { canceled, type RunPlan } from './run-plan.ts'
import { closeReading } from './ssh/close-reading.ts'
import type { Connection } from './ssh/connection.ts'
import type { WaitingShell } from './ssh/sessions.ts'

export interface SshCall {
  readonly connection: Connection
  readonly plan: RunPlan
  /** Name of the transport. */
  readonly name: string
  /** Fires when the transport is closed. */
  readonly closing: AbortSignal
}

/** Runs a command on the far side, and ends all processes left by the command. */
export async function runOverSsh(call: SshCall): Promise<Ended> {
  const { connection, plan, name, closing } = call
  const interruption = new Interruption()
  using _lost = connection.onLoss(interruption.report)
  using _closed = onAbort(closing, () => interruption.report(new StateError(`${name} was closed during a command`)))
  using _canceled = onAbort(plan.signal, () => interruption.report(canceled(plan, name)))
  const shell = await takeShell(connection, interruption)
  const { keeper } = connection
  const ended = endOf(shell.channel)
  const names = { connection: keeper.connection, keeper: keeper.pid, id: shell.id }
  const { channel } = shell
  channel.write(commandLine({ ...plan, hasInput: plan.input !== undefined, outputs: plan.outputs.kind }, names))
  const closeControl = (): void => closeReading(channel)
  const pacing: Pacing = (source) => connection.pace.through(source)
  const ofChannel = { stdin: channel, stdout: channel, stderr: channel.stderr, closeControl, pacing }
  const streams = new ConnectedStreams(ofChannel, plan, interruption)
  await Promise.race([ended, interruption.happened])
  const far = endCommand(keeper, { id: shell.id, plan, ended })
  await far.catch(interruption.report)
  await streams.finish()
  interruption.check()
  return checkEnd(call, await ended, await far)
}

/** Takes a shell, unless the command is given up first. */
async function takeShell(connection: Connection, interruption: Interruption): Promise<WaitingShell> {
  const taking = connection.take()
  const shell = await Promise.race([taking, interruption.happened])
  if (shell) return shell
  taking.then(
    (late) => connection.discard(late),
    // The interruption is the news.
    () => {},
  )
  interruption.check()
  throw new StateError('a shell was awaited in vain')
}

/** Resolves with the end of the command; with `undefined` if the channel was closed without the end. */
function endOf(channel: ClientChannel): Promise<Ended | undefined> {
  return new Promise((resolve) => {
    channel.once('exit', (exitCode: number | null, signal?: string) =>
      resolve(exitCode === null ? { exitCode, signal: signalOf(signal) } : { exitCode, signal: null }),
    )
    channel.once('close', () => resolve(undefined))
  })
}

/** sshd has names for thirteen signals, and says `SIG@openssh.com` for all further signals. */
function signalOf(name = ''): NodeJS.Signals {
  return name.includes('@') ? 'SIGUNUSED' : (name as NodeJS.Signals)
}
