import { ActionGroup, type GroupCommand } from '../action/action-group.ts'
import { settlesWithin } from '../kernel/deadline.ts'
import { StateError } from '../kernel/errors.ts'
import { onAbort } from '../kernel/on-abort.ts'
import type { Ended } from '../process/ended.ts'
import { requireExecutable } from '../process/executable.ts'
import { ownEnvironment } from '../process/own-environment.ts'
import { immediateLadder, type StopLadder } from '../process/stop-ladder.ts'
import type { Run } from '../run/run.ts'
import { ConnectedStreams } from './command-streams.ts'
import { Interruption } from './interruption.ts'
import type { LateLook } from './late-look.ts'
import { canceled, type Outputs, type RunPlan } from './run-plan.ts'

interface LocalCall {
  readonly run: Run
  readonly plan: RunPlan
  /** Fires when the transport is closed. */
  readonly closing: AbortSignal
  /** Looks for processes left by commands, some time after their end. Default: each command looks at its end. */
  readonly lateLook?: LateLook | undefined
}

/** Runs a command on this machine, and ends all processes left by the command. */
export async function runLocally(call: LocalCall): Promise<Ended> {
  const { run, lateLook } = call
  const group = new ActionGroup(run, { label: 'command', isLight: lateLook !== undefined })
  try {
    return await runIn(group, call)
  } finally {
    if (lateLook && !group.hasKnownProcesses) lateLook.add(group)
    else await group.end()
  }
}

/** How long the output of an ended command may take to end too, unless a process holds the output. */
const outputEndMs = 20

async function runIn(group: ActionGroup, { plan, closing, lateLook }: LocalCall): Promise<Ended> {
  const gated = await group.spawn(commandOf(plan), immediateLadder, () => checkWanted(plan, closing))
  const interruption = new Interruption()
  using _closed = onAbort(closing, () => interruption.report(closed(plan)))
  using _canceled = onAbort(plan.signal, () => interruption.report(canceled(plan, 'local')))
  const streams = new ConnectedStreams(gated.child, plan, interruption)
  await Promise.race([gated.exited, interruption.happened])
  const isQuiet = lateLook && !group.hasKnownProcesses && (await settlesWithin(streams.ended, outputEndMs))
  if (!isQuiet) await group.kill(plan.signal?.aborted ? gentle(plan) : immediateLadder, closing)
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
