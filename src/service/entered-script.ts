import { join } from 'node:path'
import { Action } from '../action/action.ts'
import { ActionLog } from '../action/action-log.ts'
import type { ActionEvent, ActionPlan, ActionStatus, Endpoints } from '../action/action-plan.ts'
import type { ActionScope } from '../action/action-scope.ts'
import { isOver } from '../action/action-state.ts'
import { describeStatus, isPassed } from '../action/action-status.ts'
import { environmentGraceMs } from '../action/cancelation.ts'
import { HurriedExits } from '../action/hurried-exits.ts'
import type { ActionMessage } from '../action/message.ts'
import type { VariableLayer } from '../action/variable-changes.ts'
import type { Workspace } from '../action/workspace.ts'
import { keptLogs } from '../host/state-directory.ts'
import type { Deadline } from '../kernel/deadline.ts'
import type { ServiceEvidence } from '../kernel/errors.ts'
import { isAlive, type ProcessIdentity } from '../process/identity.ts'
import { unlessExhausted } from '../process/unless-gone.ts'
import type { Instance } from './instance.ts'
import { SaidVariables, type ScriptConfig } from './script-config.ts'
import { ScriptRun } from './script-run.ts'
import { TaggedOutput } from './tagged-output.ts'

/** Where its actions, and what they leave running, can write what belongs into the log. */
const logVariable = 'TEST_SERVICES_LOG'

interface EnteredScriptParts {
  readonly instance: Instance
  readonly workspace: Workspace
  readonly scope: ActionScope
  readonly declared: VariableLayer
  readonly ports: Endpoints
}

interface Limits {
  readonly deadline?: Deadline | undefined
  readonly kill: AbortSignal | undefined
}

/** How an action of the script differs from `onEnter`. */
interface ActionTraits {
  /** Ended when the action is canceled. Default: that of the script. */
  readonly scope?: ActionScope
  readonly inBackground?: boolean
  readonly onReadyLine?: (() => void) | undefined
  /** Default: the log. */
  readonly output?: Pick<ActionLog, 'write' | 'note'>
}

/** One instance of a script: from before its `onEnter` until after its `onExit`. */
export class EnteredScript {
  readonly #parts: EnteredScriptParts
  readonly #variables: SaidVariables
  readonly #log: ActionLog
  #told: ActionStatus | undefined
  #standDown = (): void => {}
  readonly #settled = new Map<string, ActionPlan>()
  #isUp = false
  #left: readonly ProcessIdentity[] = []

  constructor(parts: EnteredScriptParts) {
    this.#parts = parts
    this.#variables = new SaidVariables(parts.declared)
    this.#log = new ActionLog(parts.instance.logFile)
    parts.instance.addCleanUp(() => this.#log.close())
  }

  /** What no text for people may show. */
  get secrets(): readonly string[] {
    return this.#variables.secrets
  }

  get config(): ScriptConfig {
    return this.#variables.config(this.#parts.ports)
  }

  /** Whether this process can read what its processes have open. */
  get canReadProcesses(): boolean {
    return this.#parts.workspace.owner?.via !== 'sudo'
  }

  /** The plan with its functions called; each is called once, however often the action runs. */
  settle(step: string, plan: ActionPlan): ActionPlan {
    const { workspace, ports } = this.#parts
    const settled = this.#settled.get(step) ?? workspace.settle(plan, ports)
    this.#settled.set(step, settled)
    return settled
  }

  get #layers(): VariableLayer[] {
    const { instance, workspace } = this.#parts
    // Our log is not another user's to write.
    const logFile = workspace.owner ? join(workspace.directory, 'service.log') : instance.logFile
    return [{ [logVariable]: logFile }, this.#variables.layer]
  }

  /** Remembers what `onEnter` has left running. */
  observe(): void {
    this.#left = unlessExhausted(() => this.#parts.scope.findProcesses()) ?? []
  }

  /** Whether `onEnter` has left something running, and nothing of it, or that it has started since, lives any more. */
  get hasLostAll(): boolean {
    if (this.#left.length === 0 || this.#left.some(isAlive)) return false
    const present = unlessExhausted(() => this.#parts.scope.findProcesses())
    if (present && present.length > 0) this.#left = present
    return present?.length === 0
  }

  /** Has the guardian exit it, with the variables as they are now; calling it again replaces what was recorded. */
  standBy(onExit: ActionPlan): void {
    const before = this.#standDown
    this.#standDown = this.#parts.workspace.standBy(this.settle('onExit', onExit), ...this.#layers)
    before()
  }

  /** It is ready: what it says of its progress is no news any more. */
  becomeUp(): void {
    this.#isUp = true
  }

  /** It has been exited. */
  standDown(): void {
    this.#standDown()
  }

  /** Runs one of its actions to the end; it is canceled when the deadline comes, and killed in a hurry. */
  run(step: string, plan: ActionPlan, deadline?: Deadline): Promise<ActionStatus> {
    return this.#perform(this.#create(step, plan), { deadline, kill: this.#parts.instance.hurry })
  }

  /**
   * Asks it something, beside what runs. What `onEnter` has left running stays, also when the action has to be killed.
   *
   * @param tells whether the log has what the action said: always, or only when it did not succeed
   * @param over kills it: nobody wants to know any more
   */
  async check(
    step: string,
    plan: ActionPlan,
    { tells, over }: { tells: 'always' | 'of failure'; over?: AbortSignal },
  ): Promise<ActionStatus> {
    const { workspace, instance } = this.#parts
    const scope = workspace.createScope(`${instance.label}-check`)
    const output = new TaggedOutput(`[${step}] `, this.#log)
    try {
      const action = this.#create(step, plan, { scope, output })
      const kill = AbortSignal.any([instance.hurry, over].filter((signal) => signal !== undefined))
      const status = await this.#perform(action, { kill })
      if (tells === 'always' || !isPassed(status)) output.flush()
      return status
    } finally {
      await scope.end()
    }
  }

  /** Starts `onRun` in a scope of its own, whose end ends nothing else. */
  launch(plan: ActionPlan, onReadyLine: () => void): ScriptRun {
    const scope = this.#parts.workspace.createScope(`${this.#parts.instance.label}-run`)
    return new ScriptRun(this.#create('onRun', plan, { scope, onReadyLine, inBackground: true }), scope)
  }

  /** Runs the last of its actions, in a hurry too, but not for long then. */
  exit(plan: ActionPlan): Promise<ActionStatus> {
    const exits = new HurriedExits(this.#parts.instance.hurry)
    return exits.run(1, (kill) => this.#perform(this.#create('onExit', plan), { kill }))
  }

  #create(step: string, plan: ActionPlan, traits: ActionTraits = {}): Action {
    const { instance, workspace, ports } = this.#parts
    const { scope = this.#parts.scope, inBackground, output = this.#log } = traits
    return new Action(`${step} of ${instance.label}`, this.settle(step, plan), {
      ...workspace.surroundings(),
      scope,
      ports,
      inBackground,
      environment: workspace.environment(...this.#layers),
      defaultGraceMs: environmentGraceMs,
      // Variables are set while entering only: elsewhere a malformed line does no harm.
      onMalformed: step === 'onEnter' ? 'fail' : 'note',
      onEvent: (event) => this.#hear(event, step, { ...traits, output }),
      onLines: (lines) => output.write(lines),
      onNote: (level, text) => output.note(level, text),
    })
  }

  async #perform(action: Action, { deadline, kill }: Limits): Promise<ActionStatus> {
    const end = (): void => action.cancel({ graceMs: 0 })
    kill?.addEventListener('abort', end)
    try {
      if (kill?.aborted) end()
      return await runUntil(action, deadline)
    } finally {
      kill?.removeEventListener('abort', end)
    }
  }

  /** What a failing action leaves for its reader. */
  evidence({ directory }: ActionPlan, status: ActionStatus): ServiceEvidence {
    const { instance, workspace } = this.#parts
    const logFile = this.#log.file.keep(keptLogs(instance.run.stateDirectory))
    // What its processes have written there themselves may tell a secret.
    const logTail = workspace.redactions.text(this.#log.file.tail())
    return {
      label: instance.label,
      directory: directory ?? workspace.directory,
      ended: describeStatus(status),
      logTail,
      logFile,
    }
  }

  #hear(event: ActionEvent, step: string, { onReadyLine, output = this.#log }: ActionTraits): void {
    if (event.kind === 'status') this.#hearStatus(event.status, step, output)
    else if (event.message.kind !== 'service_ready') this.#change(event.message, step)
    else if (onReadyLine) onReadyLine()
    else output.note('INFO', `openjd_service_ready has no effect in ${step}: only onRun says it`)
  }

  #hearStatus(status: ActionStatus, step: string, output: Pick<ActionLog, 'note'>): void {
    if (isOver(status.state)) output.note('INFO', `${step} of ${this.#parts.instance.label}: ${describeStatus(status)}`)
    if (step === 'onEnter' || (step === 'onRun' && !this.#isUp)) this.#tellProgress(status)
  }

  #tellVain({ kind }: ActionMessage, step: string): void {
    if (kind === 'env' || kind === 'unset_env')
      this.#log.note('INFO', `openjd_${kind} has no effect in ${step}: only onEnter sets variables`)
  }

  #tellProgress(status: ActionStatus): void {
    const { progress, statusMessage } = status
    const isNews = progress !== this.#told?.progress || statusMessage !== this.#told?.statusMessage
    this.#told = status
    if (!isNews) return
    this.#parts.instance.tellProgress({
      ...(progress !== undefined && { percent: progress }),
      ...(statusMessage !== undefined && { message: statusMessage }),
    })
  }

  /** Only entering changes the config: others have read it by the time of the other actions. */
  #change(message: ActionMessage, step: string): void {
    if (message.kind === 'loglevel') this.#log.setLevel(message.level)
    if (step === 'onEnter') this.#variables.take(message)
    else this.#tellVain(message, step)
  }
}

async function runUntil(action: Action, deadline: Deadline | undefined): Promise<ActionStatus> {
  if (isOver(action.status.state)) return action.status
  const running = action.run()
  const cancelWith = (signal: AbortSignal): Promise<ActionStatus> => {
    signal.addEventListener('abort', () => action.cancel(), { once: true })
    return running
  }
  // The caller looks at the deadline itself, once the action is over.
  await deadline?.race(cancelWith).catch(() => {})
  return running
}
