import { constants } from 'node:os'
import { sleep } from '../kernel/deadline.ts'
import { asError, CanceledError } from '../kernel/errors.ts'
import { checkGrace } from '../kernel/time-limit.ts'
import type { Ended } from '../process/ended.ts'
import type { ProcessIdentity } from '../process/identity.ts'
import type { ActionEvent, ActionPlan, ActionStatus, ActionSurroundings } from './action-plan.ts'
import { type ActionCommand, ActionProcess } from './action-process.ts'
import { type ActionStep, isOver, nextActionState } from './action-state.ts'
import { Ending } from './ending.ts'
import type { ActionMessage, LogLevel } from './message.ts'
import { OutputFilter } from './output-filter.ts'
import { prepare } from './prepare.ts'

export interface CancelOptions {
  /** At most this, in milliseconds; 0 kills at once, `Infinity` limits nothing. Default: the action's own. */
  readonly graceMs?: number | undefined
  /** The action has failed then, where it would be canceled otherwise. Default: false. */
  readonly asFailure?: boolean | undefined
}

/** @throws ERR_CONFIG for a grace that makes no sense */
export function checkCancel({ graceMs }: CancelOptions): void {
  if (graceMs !== undefined) checkGrace('graceMs', graceMs)
}

/** One command with a beginning and an end. It runs once. */
export class Action {
  /** For messages: `entering db`. */
  readonly name: string
  readonly #plan: ActionPlan
  readonly #around: ActionSurroundings
  readonly #ending: Ending
  readonly #over = new AbortController()
  #status: ActionStatus = { state: 'ready' }
  #process: ActionProcess | undefined
  /** Came before there was a process to get it. */
  #earlySignal: NodeJS.Signals | undefined
  /** How the state goes on when it has been canceled. */
  #afterCancel: 'stop' | 'fail' | 'expire' = 'stop'
  /** Whether it said that it failed, or something malformed: its exit status does not count then. */
  #saidFailure = false

  constructor(name: string, plan: ActionPlan, around: ActionSurroundings) {
    this.name = name
    this.#plan = plan
    this.#around = around
    this.#ending = new Ending(plan, around)
  }

  get status(): ActionStatus {
    return this.#status
  }

  /** The main process, once it has begun. */
  get identity(): ProcessIdentity | undefined {
    return this.#process?.identity
  }

  /**
   * Runs it to its end, and gives the last status: an action that fails is no error here.
   *
   * @throws ERR_STATE when it has run before; ERR_LEFT_BEHIND when something of a canceled one could not be killed
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
   * Ends it before its time, by its cancelation. Another call can only shorten the wait; later ones change nothing.
   *
   * @throws ERR_CONFIG for a grace that makes no sense
   */
  cancel(options: CancelOptions = {}): void {
    checkCancel(options)
    this.#cancel(options.asFailure ? 'fail' : 'stop', options)
  }

  /** To its main process, as a shell hands on what it gets. If that has not begun, it never does. */
  signal(name: NodeJS.Signals): void {
    if (this.#process) this.#process.signal(name)
    else this.#earlySignal = name
  }

  async #runProcess(): Promise<Ended> {
    const process = await ActionProcess.start(this.#around.scope, this.#prepare(), {
      check: () => this.#refuseWhenUnwanted(),
      onFailure: () => this.#cancel('fail', { graceMs: 0 }),
    })
    this.#process = process
    // It came when the process was past the check, and still at its gate.
    if (this.#earlySignal) process.signal(this.#earlySignal)
    if (this.#status.state === 'canceling') this.#ending.begin(process)
    this.#expireLater()
    this.#keepAliveWhileWanted()
    const ended = await process.exited
    this.#over.abort()
    // What it leaves may hold the output open. Why a kill failed, `finish` tells.
    if (this.#isWantedNoMore) await Promise.allSettled([this.#ending.kill()])
    if (!(await process.drain()))
      this.#note('WARNING', 'its output is still held open by a descendant, and read no more')
    return ended
  }

  /** A canceled action has nothing more to say, and a server without its main process is none. */
  get #isWantedNoMore(): boolean {
    return this.#status.state === 'canceling' || this.#around.inBackground === true
  }

  /** One that runs in the background keeps this process alive only while its end is awaited. */
  #keepAliveWhileWanted(): void {
    if (this.#around.inBackground) this.#process?.setKeepingAlive(this.#status.state === 'canceling')
  }

  #prepare(): ActionCommand {
    const { argv, command } = prepare(this.#plan, this.#around)
    this.#note('INFO', `${this.name} runs ${this.#around.redactions.command(argv)}`)
    return { ...command, output: this.#around.inTerminal ? 'terminal' : this.#filter() }
  }

  #filter(): OutputFilter {
    return new OutputFilter(this.#around.redactions, {
      lines: (lines) => this.#around.onLines?.(lines),
      message: (message) => this.#hear(message),
      malformed: (reason) => {
        if (this.#around.onMalformed === 'note') return this.#note('WARNING', `${this.name} said a ${reason}`)
        // It may have ended already: what it said last is read after that.
        this.#saidFailure = true
        this.#change({ failMessage: reason })
        this.#cancel('fail', {})
      },
    })
  }

  #hear(message: ActionMessage): void {
    const { redactions } = this.#around
    if (message.kind === 'progress') this.#change({ progress: message.progress })
    else if (message.kind === 'status') this.#change({ statusMessage: redactions.text(message.text) })
    else if (message.kind === 'fail') this.#hearFailure(redactions.text(message.text))
    else this.#tell({ kind: 'message', message })
  }

  #hearFailure(failMessage: string): void {
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
    // Its process has ended: only what it left behind, holding the output, is waited for.
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

  /** It never began, or its output could not be taken. */
  #fail(error: Error): void {
    const wasCanceled = this.#status.state === 'canceling' && this.#afterCancel !== 'fail'
    if (wasCanceled) this.#step(this.#afterCancel)
    else this.#step('fail', { failMessage: this.#around.redactions.text(error.message), error })
  }

  #step(step: ActionStep, change: Partial<ActionStatus> = {}): void {
    this.#change({ ...change, state: nextActionState(this.#status.state, step) })
  }

  #change(change: Partial<ActionStatus>): void {
    this.#status = { ...this.#status, ...change }
    this.#tell({ kind: 'status', status: this.#status })
  }

  #note(level: LogLevel, text: string): void {
    this.#around.onNote?.(level, text)
  }

  /** A listener that throws stops nothing. */
  #tell(event: ActionEvent): void {
    try {
      this.#around.onEvent?.(event)
    } catch (thrown) {
      process.emitWarning(asError(thrown))
    }
  }
}
