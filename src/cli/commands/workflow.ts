import { existsSync } from 'node:fs'
import { StopSignals } from '../../helper/stop-signals.ts'
import { asError, hasCode } from '../../kernel/errors.ts'
import { ownCommand } from '../../kernel/own-command.ts'
import { openOutput } from '../../workflow/output/output-directory.ts'
import { runWorkflow, type WorkflowSummary } from '../../workflow/run-workflow.ts'
import { defaultWorkflow, findWorkflows } from '../../workflow/script/find-workflows.ts'
import { planSteps } from '../../workflow/step-plan.ts'
import { colors } from '../terminal/colors.ts'
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
  /** Config files, merged in this order. */
  readonly configs: readonly string[]
}

/** Checks a workflow, and runs its steps. Returns the exit code. */
export async function workflow([file, ...names]: readonly string[], options: WorkflowOptions): Promise<number> {
  if (file === undefined && !existsSync(defaultWorkflow)) return listWorkflows()
  const checked = await check(file ?? defaultWorkflow, options)
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
  process.stderr.write(`${describeSummary(summary)}\n`)
  return signals.received ? exitCodeOfSignal(signals.received) : exitCodeOf(summary)
}

/** Lists the workflows that can be run. */
function listWorkflows(): number {
  const found = findWorkflows(process.cwd())
  const advice = `name a workflow: ${ownCommand()} workflow FILE`
  const lines = found.length > 0 ? [`${advice}; there are`, ...found.map((file) => `  ${file}`)] : [none]
  process.stderr.write(`${colors.red('error')}: there is no ${defaultWorkflow} here; ${lines.join('\n')}\n`)
  return exitCodes.wrongUsage
}

const none = `"${ownCommand()} init workflow" writes one`

/** A mistake in a workflow or config is wrong usage. */
async function check(file: string, options: WorkflowOptions): Promise<CheckedWorkflow | undefined> {
  try {
    return await checkFiles(file, options.configs)
  } catch (thrown) {
    if (!hasCode(thrown, 'ERR_CONFIG')) throw thrown
    process.stderr.write(`${describeError(asError(thrown), options)}\n`)
    return undefined
  }
}

function exitCodeOf({ state: { outcome }, isInfrastructure }: WorkflowSummary): number {
  if (outcome === 'passed') return exitCodes.done
  return isInfrastructure ? exitCodes.infrastructure : exitCodes.failed
}
