import { CanceledError, StateError } from '../../kernel/errors.ts'
import { Turns } from '../../kernel/turns.ts'

/** The processes of a service, as far as needed for faults. */
export interface FaultTarget {
  readonly label: string
  /** Whether the main process runs. */
  readonly isAlive: boolean
  /** Ends the processes by the stop ladder. */
  stop(): Promise<void>
  /** Ends the processes by SIGKILL. */
  kill(): Promise<void>
  pause(): Promise<void>
  resume(): void
  /** Starts the main process again, and waits for its readiness. @param signal gives up */
  start(signal: AbortSignal): Promise<void>
}

/** The way from clients to the service. */
export interface Entrance {
  open(): Promise<void>
  close(): Promise<void>
}

/** `dead`: the process has ended, and no fault was the reason. */
type State = 'running' | 'paused' | 'stopped' | 'killed' | 'dead'
type Step = 'stop' | 'kill' | 'pause' | 'resume' | 'start'
type Call = Step | 'restart' | 'restore'

const hasEnded = 'its process has ended; call start() first, or reset()'
const hasDied = 'its process has died; call start() first'

/** Steps of each call in each state, or why the call is refused. */
const effects: Readonly<Record<Call, Readonly<Record<State, readonly Step[] | string>>>> = {
  stop: { running: ['stop'], paused: ['stop'], stopped: [], killed: [], dead: [] },
  kill: { running: ['kill'], paused: ['kill'], stopped: [], killed: [], dead: [] },
  pause: { running: ['pause'], paused: [], stopped: hasEnded, killed: hasEnded, dead: hasDied },
  resume: { running: [], paused: ['resume'], stopped: hasEnded, killed: hasEnded, dead: hasDied },
  start: {
    running: 'it runs already',
    paused: 'it runs already, but is paused; call resume()',
    stopped: ['start'],
    killed: ['start'],
    dead: ['start'],
  },
  restart: {
    running: ['stop', 'start'],
    paused: ['stop', 'start'],
    stopped: ['start'],
    killed: ['start'],
    dead: ['start'],
  },
  // A death without a fault is an error of the service, reported by the reset.
  restore: { running: [], paused: ['resume'], stopped: ['start'], killed: ['start'], dead: [] },
}

/** State after each step. */
const results = { stop: 'stopped', kill: 'killed', pause: 'paused', resume: 'running', start: 'running' } as const

const descriptions: Readonly<Record<State, string | undefined>> = {
  running: undefined,
  paused: 'is paused by pause() of this test; call resume(), or reset()',
  stopped: 'was stopped by stop() of this test; call start(), or reset()',
  killed: 'was killed by kill() of this test; call start(), or reset()',
  dead: undefined,
}

/** Faults made by a test at an instance. Calls are done one by one. */
export class Faults {
  readonly #target: FaultTarget
  readonly #over = new AbortController()
  #state: State = 'running'
  #entrance: Entrance | undefined
  readonly #turns = new Turns()

  constructor(target: FaultTarget) {
    this.#target = target
  }

  /** Sets the entrance, closed while the processes are down: clients are refused, as without a proxy. */
  guard(entrance: Entrance): void {
    this.#entrance = entrance
  }

  /** Whether a fault has ended the main process. */
  get isDown(): boolean {
    return this.#state === 'stopped' || this.#state === 'killed'
  }

  /** @throws ERR_STATE naming the fault, while a fault keeps the service from answering */
  requireNone(): void {
    const description = descriptions[this.#present]
    if (description) throw new StateError(`${this.#target.label} ${description}`)
  }

  /** @throws ERR_STATE for a call not allowed in the present state; the errors of the start */
  do(call: Call): Promise<void> {
    return this.#turns.do(() => this.#do(call))
  }

  /** Gives up a running call, and continues paused processes. Called first when the clean-up begins. */
  async end(): Promise<void> {
    this.#over.abort()
    await this.#turns.idle
    if (this.#present === 'paused') this.#target.resume()
  }

  get #present(): State {
    return this.isDown || this.#target.isAlive ? this.#state : 'dead'
  }

  async #do(call: Call): Promise<void> {
    const { label } = this.#target
    if (this.#over.signal.aborted) throw new CanceledError(`${call}() of ${label}`)
    // A restoration, as a part of each reset, needs no look at the process table.
    const effect = effects[call][call === 'restore' ? this.#state : this.#present]
    if (typeof effect === 'string') throw new StateError(`${label}: ${call}() is not possible: ${effect}`)
    for (const step of effect) await this.#take(step)
  }

  async #take(step: Step): Promise<void> {
    // Noted before the end of the process: otherwise, the end would be taken for a death.
    if (step !== 'start') this.#state = results[step]
    if (this.isDown && step !== 'start') await this.#entrance?.close()
    await this.#target[step](this.#over.signal)
    this.#state = results[step]
    if (step === 'start') await this.#entrance?.open()
  }
}
