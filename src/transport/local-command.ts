import { ActionGroup, type GroupCommand } from '../action/action-group.ts'
import { StateError } from '../kernel/errors.ts'
import { onAbort } from '../kernel/on-abort.ts'
import type { Ended } from '../process/ended.ts'
import { requireExecutable } from '../process/executable.ts'
import { ownEnvironment } from '../process/own-environment.ts'
import { immediateLadder, type StopLadder } from '../process/stop-ladder.ts'
import type { Run } from '../run/run.ts'
import { ConnectedStreams } from './command-streams.ts'
import { Interruption } from './interruption.ts'
import { canceled, type Outputs, type RunPlan } from './run-plan.ts'

interface LocalCall {
  readonly run: Run
  readonly plan: RunPlan
  /** Fires when the transport is closed. */
  readonly closing: AbortSignal
}

/** Runs a command on this machine, and ends all processes left by the command. */
export async function runLocally(call: LocalCall): Promise<Ended> {
  const group = new ActionGroup(call.run, { label: 'command' })
  try {
    return await runIn(group, call)
  } finally {
    await group.end()
  }
}

async function runIn(group: ActionGroup, { plan, closing }: LocalCall): Promise<Ended> {
  const gated = await group.spawn(commandOf(plan), immediateLadder, () => checkWanted(plan, closing))
  const interruption = new Interruption()
  using _closed = onAbort(closing, () => interruption.report(closed(plan)))
  using _canceled = onAbort(plan.signal, () => interruption.report(canceled(plan, 'local')))
  const streams = new ConnectedStreams(gated.child, plan, interruption)
  await Promise.race([gated.exited, interruption.happened])
  await group.kill(plan.signal?.aborted ? gentle(plan) : immediateLadder, closing)
  await streams.finish()
  interruption.check()
  return gated.exited
}

function commandOf({ argv, environment, directory = process.cwd(), input, outputs }: RunPlan): GroupCommand {
  const variables = { ...ownEnvironment(), ...environment }
  const [program, ...rest] = argv
  return {
    argv: [requireExecutable(program, { path: variables.PATH, directory }), ...rest],
    environment: variables,
    directory,
    stdin: input === undefined ? 'ignore' : 'pipe',
    ...streamsOf(outputs),
  }
}

function streamsOf(outputs: Outputs): Pick<GroupCommand, 'stdout' | 'stderr' | 'hasControl'> {
  switch (outputs.kind) {
    case 'merged':
      return { stdout: 'pipe', stderr: 'stdout' }
    case 'control':
      return { stdout: 'pipe', stderr: 'pipe', hasControl: true }
    case 'separate':
      return { stdout: outputs.stdout ? 'pipe' : 'ignore', stderr: outputs.stderr ? 'pipe' : 'ignore' }
  }
}

/** Called just before the command begins. */
function checkWanted(plan: RunPlan, closing: AbortSignal): void {
  if (closing.aborted) throw closed(plan)
  if (plan.signal?.aborted) throw canceled(plan, 'local')
}

function closed({ argv: [program] }: RunPlan): StateError {
  return new StateError(`the local transport was closed while "${program}" ran`)
}

function gentle({ graceMs }: RunPlan): StopLadder {
  return [{ signal: 'SIGTERM', graceMs }]
}
