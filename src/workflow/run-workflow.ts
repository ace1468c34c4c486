import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { writeFileAtomically } from '../host/files/atomic-file.ts'
import { ownVersions } from '../host/modules/own-versions.ts'
import { CleanUpStack } from '../kernel/cleanup-stack.ts'
import { monotonicMs, nextTurn, timestamp } from '../kernel/clock.ts'
import { asError, StateError } from '../kernel/errors.ts'
import { lazy } from '../kernel/lazy.ts'
import { onAbort } from '../kernel/on-abort.ts'
import { Redactor } from '../kernel/redactor.ts'
import type { SessionListener } from '../session/events.ts'
import type { WorkflowConfig } from './config/workflow-config.ts'
import type { Step, Workflow } from './document/workflow.ts'
import { ForgottenErrors } from './forgotten-errors.ts'
import { secondsSince } from './output/command-record.ts'
import type { OutputDirectory } from './output/output-directory.ts'
import { onOutputDisk } from './output/output-disk.ts'
import { RecordWriter } from './output/record-file.ts'
import { StateFile } from './output/state-file.ts'
import { StepOutput, stepFolder } from './output/step-output.ts'
import type { StepState, WorkflowState } from './output/step-record.ts'
import { runStep, type StepEnd, type StepRun } from './run-step.ts'
import { type RunParts, StepContext } from './step-context.ts'
import type { PlannedStep } from './step-plan.ts'
import { defaultTransport, Transports } from './transports.ts'
import { type WorkflowEvent, withoutSecrets } from './workflow-event.ts'
import { WorkflowServices } from './workflow-services.ts'

export interface WorkflowRunOptions {
  readonly workflow: Workflow
  readonly plan: readonly PlannedStep[]
  readonly config: WorkflowConfig
  readonly findScript: StepRun['findScript']
  readonly output: OutputDirectory
  readonly tags?: readonly string[] | undefined
  /** Whether the first step that fails ends the run. */
  readonly failFast?: boolean | undefined
  /** Cancels the run. */
  readonly signal: AbortSignal
  /** Ends all waiting. */
  readonly forceSignal: AbortSignal
  readonly onEvent: (event: WorkflowEvent) => void
}

export interface WorkflowSummary {
  readonly state: WorkflowState
  /** Whether a step has failed for want of a machine or a service, and no step for a different reason. */
  readonly isInfrastructure: boolean
  /** Resources that could not be removed, a report that could not be written, or errors of scripts between steps. */
  readonly errors: readonly Error[]
  /** Path of the page for people. */
  readonly report: string | undefined
}

const loadReport = lazy(() => import('./page/write-workflow-report.ts'))

/** Runs the steps of a workflow, and writes their records. @throws ERR_RESULTS if the records cannot be written */
export async function runWorkflow(options: WorkflowRunOptions): Promise<WorkflowSummary> {
  const forgotten = new ForgottenErrors<StepContext>()
  const run = new WorkflowRun(options, forgotten)
  using _listening = forgotten.listen((error, step) => run.onForgotten(error, step))
  try {
    await run.runAll()
  } finally {
    await run.close()
  }
  return run.summary()
}

class WorkflowRun {
  readonly #options: WorkflowRunOptions
  readonly #forgotten: ForgottenErrors<StepContext>
  readonly #records: RecordWriter
  readonly #state: StateFile
  readonly #parts: RunParts
  readonly #cleanUps = new CleanUpStack()
  readonly #ends: StepEnd[] = []
  #errors: readonly Error[] = []
  #running: StepContext | undefined
  #isComplete = false
  #report: string | undefined

  constructor(options: WorkflowRunOptions, forgotten: ForgottenErrors<StepContext>) {
    const { workflow, config, output, signal, forceSignal } = options
    const directory = dirname(workflow.file)
    const transports = new Transports(config, directory, signal)
    const redactor = new Redactor([...config.secrets, ...workflow.secrets])
    const onEvent = (event: WorkflowEvent): void => options.onEvent(withoutSecrets(event, redactor))
    const onServiceEvent: SessionListener = (event) => onEvent({ type: 'service', event })
    const services = new WorkflowServices({
      config,
      transports,
      redactor,
      forceSignal,
      onEvent: onServiceEvent,
    })
    this.#options = options
    this.#forgotten = forgotten
    this.#records = new RecordWriter(redactor)
    this.#parts = {
      config,
      directory,
      output: output.path,
      transports,
      services,
      defaultTransport: defaultTransport(config),
      onEvent,
    }
    this.#state = this.#createState()
    this.#cleanUps.add(() => transports.close())
    this.#cleanUps.add(() => services.close())
    const forcing = onAbort(forceSignal, () => void transports.close().catch(() => {}))
    this.#cleanUps.add(() => forcing[Symbol.dispose]())
  }

  async runAll(): Promise<void> {
    // While the first command runs, this process has nothing else to do. An error is thrown at the use.
    nextTurn()
      .then(loadReport)
      .catch(() => {})
    const { plan, signal, failFast = false } = this.#options
    for (const [index, { step, does }] of plan.entries()) {
      if (does !== 'run') continue
      const isOver = signal.aborted || (failFast && this.#ends.some(({ state }) => state === 'failed'))
      if (isOver) this.#state.update(index, { state: 'skipped' })
      else this.#ends.push(await this.#runStep(index, step))
    }
    this.#isComplete = true
  }

  async close(): Promise<void> {
    const errors = await this.#cleanUps.run()
    this.#errors = [...this.#errors, ...errors]
    this.#state.finish(this.#outcome())
    const { writeWorkflowReport } = await loadReport()
    const written = await writeWorkflowReport(this.#options.output.path, this.#records).catch(asError)
    if (written instanceof Error) this.#errors = [...this.#errors, written]
    else this.#report = written.page
  }

  /** Fails the running step for an error of its script; for an error of an earlier step, fails the run. */
  onForgotten(error: Error, step = this.#runningScript): void {
    if (step && step === this.#running) {
      step.cancel(error)
      return
    }
    const where = step ? `the step ${step.step}` : 'an earlier step'
    const message = `${where} failed after its end: ${error.message}; a script must wait for all its work`
    this.#errors = [...this.#errors, new StateError(message, { cause: error })]
  }

  get #runningScript(): StepContext | undefined {
    return this.#running?.isScript ? this.#running : undefined
  }

  summary(): WorkflowSummary {
    const failed = this.#ends.filter(({ state }) => state === 'failed')
    const isInfrastructure = !this.#keepsUnpassed() && failed.length > 0 && failed.every((end) => end.isInfrastructure)
    return { state: this.#state.state, isInfrastructure, errors: this.#errors, report: this.#report }
  }

  async #runStep(index: number, step: Step): Promise<StepEnd> {
    const { output, findScript, signal, forceSignal } = this.#options
    const { onEvent } = this.#parts
    const startedAt = monotonicMs()
    const running = this.#state.update(index, { state: 'running', begin: timestamp() })
    onEvent({ type: 'step', step: running })
    const context = new StepContext(this.#parts, step, new StepOutput(join(output.path, running.folder), this.#records))
    this.#running = context
    const runCode = <T>(code: () => T): T => this.#forgotten.runAs(context, code)
    const end = await runStep(step, { context, runCode, findScript, signal, forceSignal })
    this.#running = undefined
    const { state, error } = end
    const ended = this.#state.update(index, { state, error, elapsed: secondsSince(startedAt) })
    onEvent({ type: 'step-end', step: ended, failed: state === 'failed' ? context.failed : undefined })
    if (end.recordsError) throw end.recordsError
    return end
  }

  #createState(): StateFile {
    const { workflow, plan, config, output, tags = [] } = this.#options
    const facts = {
      workflow: workflow.file,
      doc: workflow.doc,
      tags,
      configs: config.files,
      host: hostname(),
      versions: ownVersions(),
      steps: plan.map((planned, index) => this.#stateOf(planned, index)),
    }
    const file = new StateFile(output.path, facts, this.#records)
    const copy = join(output.path, 'workflow.yaml')
    onOutputDisk(copy, () => writeFileAtomically(copy, this.#records.redactor.apply(workflow.source)))
    return file
  }

  #stateOf({ step, does }: PlannedStep, index: number): StepState {
    const { name } = step
    const earlier = this.#options.output.earlier?.steps.find((each) => each.name === name)
    if (does === 'keep' && earlier) return keptState(earlier)
    return {
      name,
      uses: 'uses' in step ? step.uses : 'run',
      transport: step.transport ?? this.#parts.defaultTransport,
      state: does === 'run' ? 'waiting' : 'skipped',
      folder: stepFolder(index, name),
    }
  }

  #outcome(): WorkflowState['outcome'] {
    if (this.#options.signal.aborted) return 'canceled'
    const isFailed = this.#state.state.steps.some(({ state }) => state === 'failed')
    const isGood = !isFailed && !this.#keepsUnpassed() && this.#errors.length === 0 && this.#isComplete
    return isGood ? 'passed' : 'failed'
  }

  /** Returns whether a step of the earlier run is kept that did not pass. */
  #keepsUnpassed(): boolean {
    const { steps } = this.#state.state
    return this.#options.plan.some(({ does }, index) => does === 'keep' && steps[index]?.state !== 'passed')
  }
}

/** A step that was under way when the earlier run was killed has no end of its own. */
function keptState(earlier: StepState): StepState {
  const isOpen = earlier.state === 'running' || earlier.state === 'waiting'
  return isOpen ? { ...earlier, state: 'canceled' } : earlier
}
