import { existsSync } from 'node:fs'
import { StopSignals } from '../../helper/stop-signals.ts'
import { asError } from '../../kernel/errors.ts'
import { ownCommand } from '../../kernel/own-command.ts'
import { checkTransports } from '../../workflow/check-transports.ts'
import { openOutput } from '../../workflow/output/output-directory.ts'
import { runWorkflow, type WorkflowRunOptions, type WorkflowSummary } from '../../workflow/run-workflow.ts'
import { defaultWorkflow, findWorkflows } from '../../workflow/script/find-workflows.ts'
import { planSteps } from '../../workflow/step-plan.ts'
import { colors } from '../terminal/colors.ts'
import { exitCodeIfCanceled, exitCodeOfSignal, exitCodes } from '../terminal/exit-codes.ts'
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
  using signals = new StopSignals()
  signals.onParentMessage()
  const prepared = await prepare([file ?? defaultWorkflow, ...names], options, signals.asked)
    .catch((thrown) => refuse(asError(thrown), options))
    .catch((thrown) => exitCodeIfCanceled(thrown, signals))
  if (typeof prepared === 'number') return prepared
  await using _output = prepared.output
  return await run(prepared, options, signals)
}

/** Does everything that comes before the first step. Returns the exit code if that is all. */
async function prepare(
  [file, ...names]: readonly [string, ...string[]],
  options: WorkflowOptions,
  signal: AbortSignal,
): Promise<Prepared | number> {
  const checked = await checkFiles(file, options.configs, signal)
  const plan = planSteps(checked.workflow, { names, from: options.from })
  await checkTransports(plan, checked)
  if (!options.lint)
    return { ...checked, plan, output: await openOutput(options.output, { continues: options.from !== undefined }) }
  process.stderr.write(`${checked.workflow.file}: no problem found\n`)
  return exitCodes.done
}

type Prepared = CheckedWorkflow & Pick<WorkflowRunOptions, 'plan' | 'output'>

async function run(prepared: Prepared, options: WorkflowOptions, signals: StopSignals): Promise<number> {
  const display = await createWorkflowDisplay(options)
  const summary = await runWorkflow({
    ...prepared,
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

/** Exit codes of mistakes that a person mends before a workflow can run. 1 is for steps that fail. */
const refusals: Readonly<Partial<Record<string, number>>> = {
  ERR_CONFIG: exitCodes.wrongUsage,
  ERR_RESULTS: exitCodes.wrongUsage,
  ERR_STATE: exitCodes.wrongUsage,
  ERR_MISSING_BINARY: exitCodes.infrastructure,
}

function refuse(error: Error & { readonly code?: string }, options: WorkflowOptions): number {
  const exitCode = refusals[error.code ?? '']
  if (exitCode === undefined) throw error
  process.stderr.write(`${describeError(error, options)}\n`)
  return exitCode
}

function exitCodeOf({ state: { outcome }, isInfrastructure, errors }: WorkflowSummary): number {
  if (outcome === 'passed') return errors.length === 0 ? exitCodes.done : exitCodes.failed
  return isInfrastructure ? exitCodes.infrastructure : exitCodes.failed
}
