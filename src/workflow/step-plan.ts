import { UsageError } from '../kernel/errors.ts'
import { didYouMean } from '../kernel/suggestion.ts'
import type { Step, Workflow } from './document/workflow.ts'

/** A choice of steps by a person. */
export interface StepChoice {
  /** Only these steps, in the order of the file. Default: all. */
  readonly names?: readonly string[] | undefined
  /** The first step of a run that goes on. */
  readonly from?: string | undefined
}

/** A step, and what a run does about the step. */
export interface PlannedStep {
  readonly step: Step
  readonly does: 'run' | 'skip' | 'keep'
}

/** Script with services that live until the end of the workflow: a run that goes on has to start them again. */
const servicesScript = 'services'

/** Returns what to do about each step of a workflow. @throws ERR_USAGE for an unknown step */
export function planSteps({ steps }: Workflow, { names = [], from }: StepChoice): PlannedStep[] {
  const known = steps.map(({ name }) => name)
  const unknown = [...names, ...(from === undefined ? [] : [from])].find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new UsageError(
      `there is no step "${unknown}"${didYouMean(unknown, known)}; the workflow has ${known.join(', ')}`,
    )
  if (from !== undefined && names.length > 0)
    throw new UsageError('--from and names of steps exclude each other: --from runs all steps from one on')
  const first = from === undefined ? 0 : known.indexOf(from)
  return steps.map((step, index) => {
    if (index < first) return { step, does: 'uses' in step && step.uses === servicesScript ? 'run' : 'keep' }
    return { step, does: names.length === 0 || names.includes(step.name) ? 'run' : 'skip' }
  })
}
