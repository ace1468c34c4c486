import { constants } from 'node:os'
import type { Engine } from '../container/engine.ts'
import { ContainerExec } from '../container/exec.ts'
import { StateError, TransportError } from '../kernel/errors.ts'
import { onAbort } from '../kernel/on-abort.ts'
import type { Ended } from '../process/ended.ts'
import { ConnectedStreams } from './command-streams.ts'
import { checkEnd, endCommand } from './far-end.ts'
import { Interruption } from './interruption.ts'
import { commandLine, type FarCommand, waitingCommandLine } from './keeper/far-command.ts'
import type { Keeper } from './keeper/keeper.ts'
import { canceled, type RunPlan } from './run-plan.ts'

/** A running container, and the user of its commands. */
export interface ContainerPlace {
  /** Name or id of the container. */
  readonly name: string
  /** For example `1000:1000`. Default: the user of the container. */
  readonly user?: string | undefined
}

/** An engine, and the keeper in a container of the engine. */
export interface ContainerConnection {
  readonly engine: Engine
  readonly keeper: Keeper
  readonly place: ContainerPlace
}

interface ContainerCall {
  readonly connection: ContainerConnection
  readonly plan: RunPlan
  /** Fires when the transport is closed. */
  readonly closing: AbortSignal
  /** Name of the transport, for messages. */
  readonly name: string
}

/** Runs a command in a container, and ends all processes left by the command. */
export async function runInContainer(call: ContainerCall): Promise<Ended> {
  const { connection, plan, closing, name } = call
  const { engine, keeper, place } = connection
  const interruption = new Interruption()
  using _closed = onAbort(closing, () => interruption.report(closed(call)))
  using _canceled = onAbort(plan.signal, () => interruption.report(canceled(plan, name)))
  void keeper.ended.then(() => interruption.report(lost(call)))
  const names = { connection: keeper.connection, keeper: keeper.pid, id: keeper.nextId() }
  const waiting = { argv: ['sh', '-c', waitingCommandLine(names)], user: place.user }
  const exec = await unlessInterrupted(interruption, (signal) =>
    ContainerExec.start(engine, place.name, waiting, signal),
  )
  exec.stdin.write(commandLine(farCommandOf(plan), names))
  const stdin = plan.input === undefined ? null : exec.stdin
  const streams = new ConnectedStreams({ stdin, stdout: exec.stdout, stderr: exec.stderr }, plan, interruption)
  const status = exec.exitStatus()
  status.catch(interruption.report)
  await Promise.race([status, interruption.happened]).catch(() => {})
  const far = endCommand(keeper, { id: names.id, plan, ended: status })
  await far.catch(interruption.report)
  await streams.finish()
  exec.destroy()
  interruption.check()
  return checkEnd(call, endedWith(await status), await far)
}

/** Waits for the engine, until the command is given up. A signal would also cut a connection that was made in time. */
async function unlessInterrupted<T>(
  interruption: Interruption,
  start: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  let isStarting = true
  void interruption.happened.then(() => isStarting && over.abort())
  try {
    return await start(over.signal)
  } catch (thrown) {
    interruption.check()
    throw thrown
  } finally {
    isStarting = false
  }
}

function farCommandOf({ argv, environment, directory, input, outputs }: RunPlan): FarCommand {
  return { argv, environment, directory, hasInput: input !== undefined, outputs: outputs.kind }
}

function closed({ plan, name }: ContainerCall): StateError {
  return new StateError(`the transport ${name} was closed while "${plan.argv[0]}" ran`)
}

function lost({ plan, name }: ContainerCall): TransportError {
  return new TransportError(`${name}: the connection was lost, or the container has ended, while "${plan.argv[0]}" ran`)
}

const signalBase = 128

/** Returns how a command ended; an engine tells a signal as 128 and its number. */
function endedWith(status: number): Ended {
  const [signal] = Object.entries(constants.signals).find(([, number]) => number === status - signalBase) ?? []
  return signal === undefined
    ? { exitCode: status, signal: null }
    : { exitCode: null, signal: signal as NodeJS.Signals }
}
