import { relative } from 'node:path'
import { StopSignals } from '../../helper/stop-signals.ts'
import { hasCode } from '../../kernel/errors.ts'
import { openOutput } from '../../workflow/output/output-directory.ts'
import { runWorkflow, type WorkflowSummary } from '../../workflow/run-workflow.ts'
import { planSteps } from '../../workflow/step-plan.ts'
import { exitCodeOfSignal, exitCodes } from '../terminal/exit-codes.ts'
import { describeError } from '../terminal/failure.ts'
import type { GlobalOptions } from '../terminal/options.ts'
import { type CheckedWorkflow, checkFiles } from '../workflow/check-files.ts'
import { createWorkflowDisplay } from '../workflow/workflow-display.ts'
import { describeSummary } from '../workflow/workflow-text.ts'

export interface WorkflowOptions extends GlobalOptions {
  readonly lint?: boolean
  readonly from?: string
  readonly failFast?: boolean
  readonly monitor?: boolean
  readonly output: string
  readonly tag?: readonly string[]
}

/** Checks a workflow, and runs its steps. Returns the exit code. */
export async function workflow([file, ...names]: readonly string[], options: WorkflowOptions): Promise<number> {
  const checked = await check(file, options)
  if (!checked) return exitCodes.wrongUsage
  const plan = planSteps(checked.workflow, { names, from: options.from })
  if (options.lint) {
    process.stderr.write(`${checked.workflow.file}: no problem found\n`)
    return exitCodes.done
  }
  using signals = new StopSignals()
  signals.onParentMessage()
  await using output = await openOutput(options.output, { continues: options.from !== undefined })
  const display = await createWorkflowDisplay(options)
  const summary = await runWorkflow({
    ...checked,
    plan,
    output,
    tags: options.tag,
    failFast: options.failFast,
    signal: signals.asked,
    forceSignal: signals.forceSignal,
    onEvent: (event) => display.onEvent(event),
  }).finally(() => display.end())
  for (const error of summary.errors) process.stderr.write(`${describeError(error, options)}\n`)
  const directory = relative(process.cwd(), output.path) || '.'
  process.stderr.write(`${describeSummary(summary)}\noutput: ${directory}\n`)
  return signals.received ? exitCodeOfSignal(signals.received) : exitCodeOf(summary)
}

/** A mistake in a workflow or config is wrong usage. */
async function check(file: string | undefined, options: WorkflowOptions): Promise<CheckedWorkflow | undefined> {
  try {
    return await checkFiles(file ?? 'workflow.yaml', options)
  } catch (thrown) {
    if (!hasCode(thrown, 'ERR_CONFIG')) throw thrown
    process.stderr.write(`${describeError(thrown as Error, options)}\n`)
    return undefined
  }
}

function exitCodeOf({ state: { outcome }, isInfrastructure }: WorkflowSummary): number {
  if (outcome === 'passed') return exitCodes.done
  return isInfrastructure ? exitCodes.infrastructure : exitCodes.failed
}
