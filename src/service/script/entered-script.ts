import { join } from 'node:path'
import { Action } from '../../action/action.ts'
import type { ActionGroup } from '../../action/action-group.ts'
import { ActionLog } from '../../action/action-log.ts'
import type { ActionEvent, ActionPlan, ActionStatus, Endpoints } from '../../action/action-plan.ts'
import { isOver } from '../../action/action-state.ts'
import { describeStatus, isPassed } from '../../action/action-status.ts'
import { environmentGraceMs } from '../../action/cancelation.ts'
import { ExitBudget } from '../../action/exit-budget.ts'
import type { ActionMessage } from '../../action/output/message.ts'
import type { VariableLayer } from '../../action/workspace/variable-changes.ts'
import type { Workspace } from '../../action/workspace/workspace.ts'
import { keptLogs } from '../../host/state-directory.ts'
import type { Deadline } from '../../kernel/deadline.ts'
import { onAbort } from '../../kernel/on-abort.ts'
import type { ServiceEvidence } from '../../kernel/service-evidence.ts'
import { canInspectOthers } from '../../process/inspect/inspection.ts'
import type { InstanceResources } from '../instance/instance-resources.ts'
import { LeftProcesses } from './left-processes.ts'
import { ReportedVariables, type ScriptConfig } from './script-config.ts'
import { ScriptRun } from './script-run.ts'
import { TaggedOutput } from './tagged-output.ts'

/** Variable with the file for log lines of the script's actions and background processes. */
const logVariable = 'TEST_SERVICES_LOG'

interface EnteredScriptParts {
  readonly context: InstanceResources
  readonly workspace: Workspace
  readonly group: ActionGroup
  readonly declared: VariableLayer
  readonly ports: Endpoints
}

interface Limits {
  readonly deadline?: Deadline | undefined
  readonly kill: AbortSignal | undefined
}

/** How an action of the script differs from `onEnter`. */
interface ActionTraits {
  /** Group ended with a canceled action. Default: the group of the script. */
  readonly group?: ActionGroup
  readonly inBackground?: boolean
  readonly onReadyLine?: (() => void) | undefined
  /** Receives the output. Default: the log. */
  readonly output?: Pick<ActionLog, 'write' | 'note'>
}

/** An instance of a script, from before `onEnter` until after `onExit`. */
export class EnteredScript {
  readonly #parts: EnteredScriptParts
  readonly #variables: ReportedVariables
  /** Processes left running by `onEnter`. */
  readonly left: LeftProcesses
  readonly #log: ActionLog
  #told: ActionStatus | undefined
  #disarm = (): void => {}
  readonly #settled = new Map<string, ActionPlan>()
  #isUp = false

  constructor(parts: EnteredScriptParts) {
    this.#parts = parts
    this.#variables = new ReportedVariables(parts.declared)
    this.left = new LeftProcesses(parts.group)
    this.#log = new ActionLog(parts.context.logFile)
    parts.context.addCleanUp(() => this.#log.close())
  }

  /** Values to hide from people. */
  get secrets(): readonly string[] {
    return this.#variables.secrets
  }

  get config(): ScriptConfig {
    return this.#variables.config(this.#parts.ports)
  }

  /** Whether this process can read the open files of the script's processes. */
  get canReadProcesses(): boolean {
    const { owner } = this.#parts.workspace
    return owner === undefined || (owner.via === 'root' && canInspectOthers())
  }

  /** Returns the plan with its functions called. Each function is called once, however often the action runs. */
  settle(step: string, plan: ActionPlan): ActionPlan {
    const { workspace, ports } = this.#parts
    const settled = this.#settled.get(step) ?? workspace.settle(plan, ports)
    this.#settled.set(step, settled)
    return settled
  }

  get #layers(): VariableLayer[] {
    const { context, workspace } = this.#parts
    // A different user may not write to the log of this user.
    const logFile = workspace.owner ? join(workspace.directory, 'service.log') : context.logFile
    return [{ [logVariable]: logFile }, this.#variables.layer]
  }

  /** Records the exit for the guardian, with the present variables. A repeated call replaces the record. */
  arm(onExit: ActionPlan): void {
    const before = this.#disarm
    this.#disarm = this.#parts.workspace.arm(this.settle('onExit', onExit), ...this.#layers)
    before()
  }

  /** Marks the script as ready: progress is not reported any more. */
  markUp(): void {
    this.#isUp = true
  }

  /** Removes the guardian's record, after the exit. */
  disarm(): void {
    this.#disarm()
  }

  /** Runs an action to the end. The deadline cancels the action; a forced stop kills the action. */
  run(step: string, plan: ActionPlan, deadline?: Deadline): Promise<ActionStatus> {
    return this.#perform(this.#create(step, plan), { deadline, kill: this.#parts.context.forceSignal })
  }

  /**
   * Runs a check while other actions may be running. Processes left by `onEnter` survive, even if the check is killed.
   *
   * @param tells when the log gets the output of the check: always, or only of a failed check
   * @param over kills the check, when the result is not needed any more
   */
  async check(
    step: string,
    plan: ActionPlan,
    { logs, over }: { logs: 'always' | 'of failure'; over?: AbortSignal },
  ): Promise<ActionStatus> {
    const { workspace, context } = this.#parts
    const group = workspace.createGroup(`${context.label}-check`)
    const output = new TaggedOutput(`[${step}] `, this.#log)
    try {
      const action = this.#create(step, plan, { group, output })
      const kill = AbortSignal.any([context.forceSignal, over].filter((signal) => signal !== undefined))
      const status = await this.#perform(action, { kill })
      if (logs === 'always' || !isPassed(status)) output.flush()
      return status
    } finally {
      await group.end()
    }
  }

  /** Starts `onRun` in a separate group: the end of `onRun` leaves processes of `onEnter` alive. */
  launch(plan: ActionPlan, onReadyLine: () => void): ScriptRun {
    const group = this.#parts.workspace.createGroup(`${this.#parts.context.label}-run`)
    return new ScriptRun(this.#create('onRun', plan, { group, onReadyLine, inBackground: true }), group)
  }

  /** Runs `onExit`, also when forced to end, with a short time limit then. */
  exit(plan: ActionPlan): Promise<ActionStatus> {
    const exits = new ExitBudget(this.#parts.context.forceSignal)
    return exits.run(1, (kill) => this.#perform(this.#create('onExit', plan), { kill }))
  }

  #create(step: string, plan: ActionPlan, traits: ActionTraits = {}): Action {
    const { context, workspace, ports } = this.#parts
    const { group = this.#parts.group, inBackground, output = this.#log } = traits
    return new Action(`${step} of ${context.label}`, this.settle(step, plan), {
      ...workspace.surroundings(),
      group,
      ports,
      inBackground,
      environment: workspace.environment(...this.#layers),
      defaultGraceMs: environmentGraceMs,
      // Only `onEnter` sets variables: a malformed line in the output of later actions is harmless.
      onMalformed: step === 'onEnter' ? 'fail' : 'note',
      onEvent: (event) => this.#onMessage(event, step, { ...traits, output }),
      onLines: (lines) => output.write(lines),
      onNote: (level, text) => output.note(level, text),
    })
  }

  async #perform(action: Action, { deadline, kill }: Limits): Promise<ActionStatus> {
    using _listening = onAbort(kill, () => action.cancel({ graceMs: 0 }))
    return await runUntil(action, deadline)
  }

  /** Returns the evidence about a failed action. */
  evidence({ directory }: ActionPlan, status: ActionStatus): ServiceEvidence {
    const { context, workspace } = this.#parts
    const logFile = this.#log.file.keep(keptLogs(context.run.stateDirectory))
    // The script's processes may have written secrets to the log.
    const logTail = workspace.redactor.apply(this.#log.file.tail())
    return {
      label: context.label,
      directory: directory ?? workspace.directory,
      ended: describeStatus(status),
      logTail,
      logFile,
    }
  }

  #onMessage(event: ActionEvent, step: string, { onReadyLine, output = this.#log }: ActionTraits): void {
    if (event.kind === 'status') this.#onStatus(event.status, step, output)
    else if (event.message.kind !== 'service_ready') this.#change(event.message, step)
    else if (onReadyLine) onReadyLine()
    else output.note('INFO', `openjd_service_ready has no effect in ${step}: only onRun says it`)
  }

  #onStatus(status: ActionStatus, step: string, output: Pick<ActionLog, 'note'>): void {
    if (isOver(status.state)) output.note('INFO', `${step} of ${this.#parts.context.label}: ${describeStatus(status)}`)
    if (step === 'onEnter' || (step === 'onRun' && !this.#isUp)) this.#emitProgress(status)
  }

  #noteIgnored({ kind }: ActionMessage, step: string): void {
    if (kind === 'env' || kind === 'unset_env')
      this.#log.note('INFO', `openjd_${kind} has no effect in ${step}: only onEnter sets variables`)
  }

  #emitProgress(status: ActionStatus): void {
    const { progress, statusMessage } = status
    const isNews = progress !== this.#told?.progress || statusMessage !== this.#told?.statusMessage
    this.#told = status
    if (!isNews) return
    this.#parts.context.emitProgress({
      ...(progress !== undefined && { percent: progress }),
      ...(statusMessage !== undefined && { message: statusMessage }),
    })
  }

  /** Only `onEnter` changes the config: clients have read the config before later actions run. */
  #change(message: ActionMessage, step: string): void {
    if (message.kind === 'loglevel') this.#log.setLevel(message.level)
    if (step === 'onEnter') this.#variables.take(message)
    else this.#noteIgnored(message, step)
  }
}

async function runUntil(action: Action, deadline: Deadline | undefined): Promise<ActionStatus> {
  if (isOver(action.status.state)) return action.status
  const running = action.run()
  const cancelWith = (signal: AbortSignal): Promise<ActionStatus> => {
    onAbort(signal, () => action.cancel())
    return running
  }
  // The caller checks the deadline after the action.
  await deadline?.race(cancelWith).catch(() => {})
  return running
}
