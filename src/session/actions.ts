import { Action, type CancelOptions, checkCancel } from '../action/action.ts'
import type { ActionLog } from '../action/action-log.ts'
import type { ActionEvent, ActionPlan, ActionStatus } from '../action/action-plan.ts'
import type { ActionScope } from '../action/action-scope.ts'
import { isOver } from '../action/action-state.ts'
import { describeStatus } from '../action/action-status.ts'
import { environmentGraceMs, taskGraceMs } from '../action/cancelation.ts'
import type { ActionMessage } from '../action/message.ts'
import type { VariableLayer } from '../action/variable-changes.ts'
import type { Workspace } from '../action/workspace.ts'
import type { SessionEvent } from './events.ts'
import type { Place } from './place.ts'
import { nextSessionState, type SessionState, type SessionStep } from './session-state.ts'

export interface Performance {
  readonly name: string
  readonly plan: ActionPlan | undefined
  /** From low to high, above those of this process. */
  readonly layers: () => readonly VariableLayer[]
  readonly scope: (workspace: Workspace) => ActionScope
  readonly kind: 'task' | 'environment' | 'command'
  /** Cancels it. */
  readonly signal?: AbortSignal | undefined
  readonly onMessage?: ((message: ActionMessage, place: Place) => void) | undefined
  /** Both while the session can run nothing else. */
  readonly before?: ((place: Place) => Promise<void> | void) | undefined
  readonly after?: ((place: Place) => Promise<void> | void) | undefined
  /** Runs its action, and may kill it. */
  readonly within?: (<T>(run: (kill?: AbortSignal) => Promise<T>) => Promise<T>) | undefined
  readonly onStart?: ((action: Action) => void) | undefined
}

interface Running extends Performance {
  readonly plan: ActionPlan
  /** Cancels it without a grace. */
  readonly kill: AbortSignal | undefined
}

export interface ActionsOptions {
  /** An action that does not succeed leaves the session as it was. */
  readonly continuesAfterFailure: boolean
  readonly open: () => Promise<Place>
  readonly tell: (event: SessionEvent) => void
  /** Whether anybody hears of output: making its lines costs time. */
  readonly isHeard: () => boolean
}

/** Runs the actions of a session, one at a time, and knows what the session can do now. */
export class Actions {
  readonly #options: ActionsOptions
  #state: SessionState = 'ready'
  #kind: 'begin' | 'exit' = 'begin'
  #isEnding = false
  #hasFailed = false
  #current: Action | undefined
  #cancelWanted: CancelOptions | undefined
  #status: ActionStatus | undefined
  #running: Promise<unknown> = Promise.resolve()

  constructor(options: ActionsOptions) {
    this.#options = options
  }

  get state(): SessionState {
    return this.#state
  }

  /** Of the action that runs, or ran last. */
  get status(): ActionStatus | undefined {
    return this.#status
  }

  /** Whether one of them did not succeed. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  /** Settles when no action runs any more. */
  get idle(): Promise<unknown> {
    return this.#running
  }

  /** @throws ERR_STATE before anything happens; what opening the session's directory throws */
  perform(step: 'begin' | 'exit', performance: Performance): Promise<ActionStatus> {
    this.#step(step)
    this.#kind = step
    this.#cancelWanted = undefined
    const running = this.#perform(performance)
    this.#running = running.catch(() => {})
    return running
  }

  /** @throws ERR_STATE when no action runs, ERR_CONFIG for a grace that makes no sense */
  cancel(options: CancelOptions): void {
    checkCancel(options)
    this.#step('cancel')
    this.#cancelWanted = options
    this.#current?.cancel(options)
  }

  /** Cancels the action that runs, unless it is an exit, which is wanted all the same. */
  giveUp(options: CancelOptions): void {
    const isCancelable = this.#state === 'running' || this.#state === 'canceling'
    if (isCancelable && this.#kind === 'begin') this.cancel(options)
  }

  end(): void {
    this.#step('end')
  }

  async #perform(performance: Performance): Promise<ActionStatus> {
    try {
      const status = await this.#performIn(await this.#options.open(), performance)
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

  async #performIn(place: Place, performance: Performance): Promise<ActionStatus> {
    const { plan, before, within = (run) => run() } = performance
    await before?.(place)
    try {
      if (!plan) return this.#succeedAtOnce(performance)
      return await within((kill) => this.#run({ ...performance, plan, kill }, place))
    } finally {
      await performance.after?.(place)
    }
  }

  #succeedAtOnce({ name }: Performance): ActionStatus {
    this.#status = { state: 'success' }
    this.#options.tell({ kind: 'action', action: name, status: this.#status })
    return this.#status
  }

  async #run(performance: Running, place: Place): Promise<ActionStatus> {
    const { name, plan, kind, signal, kill, onStart } = performance
    const { workspace, log } = place
    const action = new Action(name, plan, {
      ...workspace.surroundings(),
      scope: performance.scope(workspace),
      environment: workspace.environment(...performance.layers()),
      defaultGraceMs: kind === 'environment' ? environmentGraceMs : taskGraceMs,
      inTerminal: kind === 'command',
      onEvent: (event) => this.#hear(event, performance, place),
      onLines: (lines) => this.#take(lines, performance, log),
      onNote: (level, text) => log.note(level, text),
    })
    this.#current = action
    if (this.#cancelWanted) action.cancel(this.#cancelWanted)
    const over = new AbortController()
    this.#cancelBy(signal, {}, over.signal)
    this.#cancelBy(kill, { graceMs: 0 }, over.signal)
    try {
      onStart?.(action)
      if (!isOver(action.status.state)) await action.run()
    } finally {
      over.abort()
    }
    this.#status = action.status
    log.note('INFO', `${name}: ${describeStatus(action.status)}`)
    return action.status
  }

  #take(bytes: Buffer, { name }: Performance, log: ActionLog): void {
    log.write(bytes)
    if (!this.#options.isHeard()) return
    const lines = bytes.toString().replace(/\n$/, '').split('\n')
    this.#options.tell({ kind: 'output', action: name, lines })
  }

  #cancelBy(signal: AbortSignal | undefined, options: CancelOptions, over: AbortSignal): void {
    const cancel = (): void => this.cancel(options)
    if (signal?.aborted) cancel()
    else signal?.addEventListener('abort', cancel, { once: true, signal: over })
  }

  #hear(event: ActionEvent, { name, onMessage }: Performance, place: Place): void {
    if (event.kind === 'status') {
      this.#status = event.status
      this.#options.tell({ kind: 'action', action: name, status: event.status })
    } else if (event.message.kind === 'loglevel') {
      place.log.setLevel(event.message.level)
      this.#options.tell({ kind: 'loglevel', action: name, level: event.message.level })
    } else onMessage?.(event.message, place)
  }

  #step(step: SessionStep): void {
    const before = this.#state
    this.#state = nextSessionState(before, step)
    if (this.#state !== before) this.#options.tell({ kind: 'session', state: this.#state })
  }
}
