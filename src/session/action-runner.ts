import { Action, type CancelOptions, checkCancel } from '../action/action.ts'
import type { ActionGroup } from '../action/action-group.ts'
import type { ActionLog } from '../action/action-log.ts'
import type { ActionEvent, ActionPlan, ActionStatus } from '../action/action-plan.ts'
import { isOver } from '../action/action-state.ts'
import { describeStatus } from '../action/action-status.ts'
import { environmentGraceMs, taskGraceMs } from '../action/cancelation.ts'
import type { ActionMessage } from '../action/output/message.ts'
import type { VariableLayer } from '../action/workspace/variable-changes.ts'
import type { Workspace } from '../action/workspace/workspace.ts'
import { onAbort } from '../kernel/on-abort.ts'
import type { EventChannel } from './event-channel.ts'
import type { SessionEvent } from './events.ts'
import type { OpenDirectory, SessionDirectory } from './session-directory.ts'
import { nextSessionState, type SessionState, type SessionStep } from './session-state.ts'

export interface ActionRequest {
  readonly name: string
  readonly plan: ActionPlan | undefined
  /** Variable layers from low to high, above the variables of this process. */
  readonly layers: () => readonly VariableLayer[]
  readonly group: (workspace: Workspace) => ActionGroup
  readonly kind: 'task' | 'environment' | 'command'
  /** Cancels the action. */
  readonly signal?: AbortSignal | undefined
  readonly onMessage?: ((message: ActionMessage, directory: OpenDirectory) => void) | undefined
  /** `before` and `after` run while the session cannot start a different action. */
  readonly before?: ((directory: OpenDirectory) => Promise<void> | void) | undefined
  readonly after?: ((directory: OpenDirectory) => Promise<void> | void) | undefined
  /** Wraps the run of the action. The given `kill` signal kills the action. */
  readonly within?: (<T>(run: (kill?: AbortSignal) => Promise<T>) => Promise<T>) | undefined
  readonly onStart?: ((action: Action) => void) | undefined
}

/** Request to run an action in a group of its own, which ends with the action. */
export type TaskRequest = Omit<ActionRequest, 'group' | 'after'>

interface Running extends ActionRequest {
  readonly plan: ActionPlan
  /** Cancels the action without a grace. */
  readonly kill: AbortSignal | undefined
}

export interface ActionRunnerOptions {
  /** Whether the session stays usable after an unsuccessful action. */
  readonly continuesAfterFailure: boolean
  readonly directory: SessionDirectory
  readonly events: EventChannel<SessionEvent>
}

/** Runs the actions of a session, one at a time, and holds the session's state. */
export class ActionRunner {
  readonly #options: ActionRunnerOptions
  #state: SessionState = 'ready'
  #kind: 'begin' | 'exit' = 'begin'
  #isEnding = false
  #hasFailed = false
  #current: Action | undefined
  #cancelWanted: CancelOptions | undefined
  #status: ActionStatus | undefined
  #running: Promise<unknown> = Promise.resolve()

  constructor(options: ActionRunnerOptions) {
    this.#options = options
  }

  get state(): SessionState {
    return this.#state
  }

  /** Status of the running or last action. */
  get status(): ActionStatus | undefined {
    return this.#status
  }

  /** Whether an action did not succeed. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  /** Settles when no action is running. */
  get idle(): Promise<unknown> {
    return this.#running
  }

  /** Runs an action. @throws ERR_STATE before anything happens; errors of opening the session's directory */
  perform(step: 'begin' | 'exit', request: ActionRequest): Promise<ActionStatus> {
    this.#step(step)
    this.#kind = step
    this.#cancelWanted = undefined
    const running = this.#perform(request)
    this.#running = running.catch(() => {})
    return running
  }

  /** Runs an action in a group of its own. Throws the errors of `perform`. */
  performTask(task: TaskRequest): Promise<ActionStatus> {
    let made: ActionGroup | undefined
    const group = (workspace: Workspace): ActionGroup => {
      made = workspace.createGroup(task.kind)
      return made
    }
    return this.perform('begin', { ...task, group, after: () => made?.end() })
  }

  /** Cancels the running action. @throws ERR_STATE when no action is running, ERR_CONFIG for an invalid grace */
  cancel(options: CancelOptions): void {
    checkCancel(options)
    this.#step('cancel')
    this.#cancelWanted = options
    this.#current?.cancel(options)
  }

  /** Cancels the running action. Lets an exit run to its end: an exit is wanted even when the session ends. */
  giveUp(options: CancelOptions): void {
    const isCancelable = this.#state === 'running' || this.#state === 'canceling'
    if (isCancelable && this.#kind === 'begin') this.cancel(options)
  }

  end(): void {
    this.#step('end')
  }

  async #perform(request: ActionRequest): Promise<ActionStatus> {
    try {
      const status = await this.#performIn(await this.#options.directory.open(), request)
      this.#hasFailed ||= status.state !== 'success'
      this.#isEnding ||= this.#hasFailed && !this.#options.continuesAfterFailure
      return status
    } catch (thrown) {
      this.#isEnding = true
      throw thrown
    } finally {
      this.#current = undefined
      this.#step(this.#isEnding ? 'wind down' : 'continue')
    }
  }

  async #performIn(directory: OpenDirectory, request: ActionRequest): Promise<ActionStatus> {
    const { plan, before, within = (run) => run() } = request
    await before?.(directory)
    try {
      if (!plan) return this.#succeedAtOnce(request)
      return await within((kill) => this.#run({ ...request, plan, kill }, directory))
    } finally {
      await request.after?.(directory)
    }
  }

  #succeedAtOnce({ name }: ActionRequest): ActionStatus {
    this.#status = { state: 'success' }
    this.#options.events.emit({ kind: 'action', action: name, status: this.#status })
    return this.#status
  }

  async #run(request: Running, directory: OpenDirectory): Promise<ActionStatus> {
    const { name, plan, kind, signal, kill, onStart } = request
    const { workspace, log } = directory
    const action = new Action(name, plan, {
      ...workspace.surroundings(),
      group: request.group(workspace),
      environment: workspace.environment(...request.layers()),
      defaultGraceMs: kind === 'environment' ? environmentGraceMs : taskGraceMs,
      inTerminal: kind === 'command',
      onEvent: (event) => this.#onMessage(event, request, directory),
      onLines: (lines) => this.#take(lines, request, log),
      onNote: (level, text) => log.note(level, text),
    })
    this.#current = action
    if (this.#cancelWanted) action.cancel(this.#cancelWanted)
    using _canceling = onAbort(signal, () => this.cancel({}))
    using _killing = onAbort(kill, () => this.cancel({ graceMs: 0 }))
    onStart?.(action)
    if (!isOver(action.status.state)) await action.run()
    this.#status = action.status
    log.note('INFO', `${name}: ${describeStatus(action.status)}`)
    return action.status
  }

  #take(bytes: Buffer, { name }: ActionRequest, log: ActionLog): void {
    log.write(bytes)
    // Splitting output into lines costs time.
    if (!this.#options.events.hasListener) return
    const lines = bytes.toString().replace(/\n$/, '').split('\n')
    this.#options.events.emit({ kind: 'output', action: name, lines })
  }

  #onMessage(event: ActionEvent, { name, onMessage }: ActionRequest, directory: OpenDirectory): void {
    if (event.kind === 'status') {
      this.#status = event.status
      this.#options.events.emit({ kind: 'action', action: name, status: event.status })
    } else if (event.message.kind === 'loglevel') {
      directory.log.setLevel(event.message.level)
      this.#options.events.emit({ kind: 'loglevel', action: name, level: event.message.level })
    } else onMessage?.(event.message, directory)
  }

  #step(step: SessionStep): void {
    const before = this.#state
    this.#state = nextSessionState(before, step)
    if (this.#state !== before) this.#options.events.emit({ kind: 'session', state: this.#state })
  }
}
