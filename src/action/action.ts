import { constants } from 'node:os'
import { sleep } from '../kernel/deadline.ts'
import { asError, CanceledError } from '../kernel/errors.ts'
import { checkGrace } from '../kernel/time-limit.ts'
import type { Ended } from '../process/ended.ts'
import type { ProcessIdentity } from '../process/inspect/identity.ts'
import type { ActionEvent, ActionPlan, ActionStatus, ActionSurroundings } from './action-plan.ts'
import { type ActionCommand, ActionProcess } from './action-process.ts'
import { type ActionStep, isOver, nextActionState } from './action-state.ts'
import { ActionStop } from './action-stop.ts'
import type { ActionMessage, LogLevel } from './output/message.ts'
import { OutputFilter } from './output/output-filter.ts'
import { redactedCommand } from './output/redacted-command.ts'
import { prepare } from './prepare.ts'

export interface CancelOptions {
  /**
   * Upper limit of the grace, in milliseconds; 0 kills at once, `Infinity` sets no limit. Default: the action's own
   * grace.
   */
  readonly graceMs?: number | undefined
  /** Ends the action as `failed` instead of `canceled`. Default: false. */
  readonly asFailure?: boolean | undefined
}

/** @throws ERR_CONFIG for an invalid grace */
export function checkCancel({ graceMs }: CancelOptions): void {
  if (graceMs !== undefined) checkGrace('graceMs', graceMs)
}

/** One command with a beginning and an end. An action runs once. */
export class Action {
  /** Name for messages: `entering db`. */
  readonly name: string
  readonly #plan: ActionPlan
  readonly #around: ActionSurroundings
  readonly #ending: ActionStop
  readonly #over = new AbortController()
  #status: ActionStatus = { state: 'ready' }
  #process: ActionProcess | undefined
  /** Signal received before the process existed. */
  #earlySignal: NodeJS.Signals | undefined
  /** Step after a cancel, once the process has ended. */
  #afterCancel: 'stop' | 'fail' | 'expire' = 'stop'
  /** Whether the action reported a failure or sent a malformed message; its exit status is ignored then. */
  #saidFailure = false

  constructor(name: string, plan: ActionPlan, around: ActionSurroundings) {
    this.name = name
    this.#plan = plan
    this.#around = around
    this.#ending = new ActionStop(plan, around)
  }

  get status(): ActionStatus {
    return this.#status
  }

  /** The main process, once begun. */
  get identity(): ProcessIdentity | undefined {
    return this.#process?.identity
  }

  /**
   * Runs the action to its end and returns the last status. A failed action does not throw.
   *
   * @throws ERR_STATE when the action has run before; ERR_LEFT_BEHIND when a process of a canceled action survives the
   * kill
   */
  async run(): Promise<ActionStatus> {
    this.#step('start')
    const outcome = await this.#runProcess().catch(asError)
    this.#over.abort()
    const left = await this.#ending.finish()
    if (outcome instanceof Error) this.#fail(outcome)
    else this.#settle(outcome)
    if (left) throw left
    return this.#status
  }

  /**
   * Ends the action early, by its cancelation. A second call can only shorten the wait; later calls change nothing.
   *
   * @throws ERR_CONFIG for an invalid grace
   */
  cancel(options: CancelOptions = {}): void {
    checkCancel(options)
    this.#cancel(options.asFailure ? 'fail' : 'stop', options)
  }

  /** Forwards a signal to the main process, as a shell does. A signal before the process begins prevents its start. */
  signal(name: NodeJS.Signals): void {
    if (this.#process) this.#process.signal(name)
    else this.#earlySignal = name
  }

  async #runProcess(): Promise<Ended> {
    const process = await ActionProcess.start(this.#around.group, this.#prepare(), {
      check: () => this.#refuseWhenUnwanted(),
      onFailure: () => this.#cancel('fail', { graceMs: 0 }),
    })
    this.#process = process
    // The signal arrived after the check, while the process still waited at its gate.
    if (this.#earlySignal) process.signal(this.#earlySignal)
    if (this.#status.state === 'canceling') this.#ending.begin(process)
    this.#expireLater()
    this.#keepAliveWhileWanted()
    const ended = await process.exited
    this.#over.abort()
    // Descendants may hold the output open. If the kill fails, `finish` reports why.
    if (this.#isWantedNoMore) await Promise.allSettled([this.#ending.kill()])
    if (!(await process.drain()))
      this.#note('WARNING', 'its output is still held open by a descendant, and read no more')
    return ended
  }

  /**
   * Whether descendants are unwanted: a canceled action has nothing more to report, and a server in the background is
   * useless without its main process.
   */
  get #isWantedNoMore(): boolean {
    return this.#status.state === 'canceling' || this.#around.inBackground === true
  }

  /** A background action keeps this process alive only while the end of the action is awaited. */
  #keepAliveWhileWanted(): void {
    if (this.#around.inBackground) this.#process?.setKeepingAlive(this.#status.state === 'canceling')
  }

  #prepare(): ActionCommand {
    const { argv, command } = prepare(this.#plan, this.#around)
    this.#note('INFO', `${this.name} runs ${redactedCommand(argv, this.#around.redactor)}`)
    return { ...command, output: this.#around.inTerminal ? 'terminal' : this.#filter() }
  }

  #filter(): OutputFilter {
    return new OutputFilter(this.#around.redactor, {
      lines: (lines) => this.#around.onLines?.(lines),
      message: (message) => this.#onMessage(message),
      malformed: (reason) => {
        if (this.#around.onMalformed === 'note') return this.#note('WARNING', `${this.name} said a ${reason}`)
        // The process may have ended already: the last output is read after the end of the process.
        this.#saidFailure = true
        this.#change({ failMessage: reason })
        this.#cancel('fail', {})
      },
    })
  }

  #onMessage(message: ActionMessage): void {
    const { redactor } = this.#around
    if (message.kind === 'progress') this.#change({ progress: message.progress })
    else if (message.kind === 'status') this.#change({ statusMessage: redactor.apply(message.text) })
    else if (message.kind === 'fail') this.#onFailure(redactor.apply(message.text))
    else this.#emit({ kind: 'message', message })
  }

  #onFailure(failMessage: string): void {
    this.#saidFailure = true
    this.#change({ failMessage })
  }

  #refuseWhenUnwanted(): void {
    if (this.#status.state === 'canceling' || this.#earlySignal) throw new CanceledError(this.name)
  }

  #expireLater(): void {
    const { timeoutMs } = this.#plan
    if (timeoutMs === undefined) return
    sleep(timeoutMs, this.#over.signal).then(
      () => this.#expire(timeoutMs),
      () => {},
    )
  }

  #expire(timeoutMs: number): void {
    if (this.#status.failMessage === undefined)
      this.#change({ failMessage: `${this.name} took longer than ${timeoutMs} ms` })
    this.#cancel('expire', {})
  }

  #cancel(then: 'stop' | 'fail' | 'expire', { graceMs }: CancelOptions): void {
    const { state } = this.#status
    if (isOver(state)) return
    this.#ending.limit(graceMs)
    if (state === 'ready') this.#step(then === 'fail' ? 'fail' : 'stop')
    // The process has ended; only descendants that hold the output open delay the end.
    else if (state === 'running' && this.#over.signal.aborted) void this.#ending.kill()
    else {
      if (state === 'running') this.#afterCancel = then
      if (state === 'running') this.#step('cancel')
      this.#keepAliveWhileWanted()
      if (this.#process) this.#ending.begin(this.#process)
    }
  }

  #settle({ exitCode, signal }: Ended): void {
    const code = signal ? 128 + constants.signals[signal] : (exitCode ?? 0)
    const end = { exitCode: code, ...(signal && { signal }) }
    if (this.#status.state === 'canceling') this.#step(this.#afterCancel, end)
    else this.#step(code === 0 && !this.#saidFailure ? 'succeed' : 'fail', end)
  }

  /** Called when the action never began, or its output could not be processed. */
  #fail(error: Error): void {
    const wasCanceled = this.#status.state === 'canceling' && this.#afterCancel !== 'fail'
    if (wasCanceled) this.#step(this.#afterCancel)
    else this.#step('fail', { failMessage: this.#around.redactor.apply(error.message), error })
  }

  #step(step: ActionStep, change: Partial<ActionStatus> = {}): void {
    this.#change({ ...change, state: nextActionState(this.#status.state, step) })
  }

  #change(change: Partial<ActionStatus>): void {
    this.#status = { ...this.#status, ...change }
    this.#emit({ kind: 'status', status: this.#status })
  }

  #note(level: LogLevel, text: string): void {
    this.#around.onNote?.(level, text)
  }

  /** An error of a listener becomes a warning and stops nothing. */
  #emit(event: ActionEvent): void {
    try {
      this.#around.onEvent?.(event)
    } catch (thrown) {
      process.emitWarning(asError(thrown))
    }
  }
}
