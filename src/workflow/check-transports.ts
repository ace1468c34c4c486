import { missingPeer } from '../host/modules/optional-peer.ts'
import type { WorkflowConfig } from './config/workflow-config.ts'
import type { ScriptStep, Step } from './document/workflow.ts'
import type { StepRun } from './run-step.ts'
import { describeArguments } from './script/describe-arguments.ts'
import type { PlannedStep } from './step-plan.ts'
import { defaultTransport } from './transports.ts'

interface Scope {
  readonly config: Pick<WorkflowConfig, 'transports'>
  readonly findScript: StepRun['findScript']
}

/**
 * Checks what the transports of steps need on this machine, before anything runs.
 *
 * @throws ERR_MISSING_BINARY without the package for ssh
 */
export async function checkTransports(plan: readonly PlannedStep[], scope: Scope): Promise<void> {
  const steps = plan.filter(({ does }) => does === 'run')
  const names = await Promise.all(steps.map(({ step }) => transportsOf(step, scope)))
  const needsSsh = names.flat().some((name) => scope.config.transports.get(name)?.type === 'ssh')
  const missing = needsSsh && missingPeer('ssh2')
  if (missing) throw missing
}

/** Returns the transports of a step. A script that names its transports does not use the transport of the step. */
async function transportsOf(step: Step, { config, findScript }: Scope): Promise<readonly string[]> {
  const own = [step.transport ?? defaultTransport(config)]
  if ('run' in step) return own
  const script = findScript(step.uses)
  const { schema } = (await script?.load()) ?? {}
  const places = (describeArguments(schema) ?? []).filter(({ format }) => format === 'transport')
  const named = places.flatMap(({ name }) => textsAt(name, step))
  if (named.length > 0) return named
  // Bundled scripts without such an argument run their commands on this machine.
  return script?.origin === 'bundled' && places.length === 0 ? [] : own
}

/** Returns the texts of an argument: one, or a list. */
function textsAt(name: string, { with: args }: ScriptStep): string[] {
  const value: unknown = Object(args)[name]
  return [value].flat().filter((each) => typeof each === 'string')
}
