import { Deadline } from '../kernel/deadline.ts'
import { checkTimeout } from '../kernel/time-limit.ts'
import { defaultTimeoutMs, type SessionSetUpOptions } from './set-up-options.ts'

interface Work {
  /** Starts the service. Takes all steps back before throwing. */
  bringUp(options: SessionSetUpOptions, deadline: Deadline): Promise<void>
  bringDown(): Promise<void>
}

type Phase = 'down' | 'starting' | 'up' | 'stopping'

/**
 * Effect of a call in each phase: begins work, joins the work of an earlier call, gives up a start, or does nothing.
 */
const responses = {
  setUp: { down: 'begin', starting: 'join', up: 'join', stopping: 'begin' },
  cleanUp: { down: 'nothing', starting: 'giveUp', up: 'begin', stopping: 'join' },
} as const

/** Puts starts and stops of a service in order, for any number of concurrent calls. */
export class LifeCycle {
  readonly #label: string
  readonly #work: Work
  #phase: Phase = 'down'
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined
  #giveUp = new AbortController()
  #forceSignal = new AbortController()

  constructor(label: string, work: Work) {
    this.#label = label
    this.#work = work
  }

  get phase(): Phase {
    return this.#phase
  }

  /** Fires when the graces end. */
  get forceSignal(): AbortSignal {
    return this.#forceSignal.signal
  }

  async setUp(options: SessionSetUpOptions): Promise<void> {
    if (options.timeoutMs !== undefined) checkTimeout(`${this.#label}: timeoutMs`, options.timeoutMs)
    if (responses.setUp[this.#phase] === 'begin') {
      // Set before the first `await`, so that an immediate `cleanUp` sees the phase.
      this.#phase = 'starting'
      this.#giveUp = new AbortController()
      this.#starting = this.#start(options)
    }
    await this.#starting
  }

  /** @param forceSignal ends the graces, also of a stop in progress */
  async cleanUp(forceSignal?: AbortSignal): Promise<void> {
    this.#forceBy(forceSignal)
    if (responses.cleanUp[this.#phase] === 'giveUp') {
      this.#giveUp.abort()
      // The caller of `setUp` gets the error.
      await this.#starting?.catch(() => {})
    }
    if (responses.cleanUp[this.#phase] === 'begin') {
      this.#phase = 'stopping'
      this.#stopping = this.#stop()
    }
    if (responses.cleanUp[this.#phase] === 'join') await this.#stopping
  }

  async #start(options: SessionSetUpOptions): Promise<void> {
    const { signal, forceSignal, timeoutMs = defaultTimeoutMs } = options
    const givenUp = AbortSignal.any([this.#giveUp.signal, ...(signal ? [signal] : [])])
    const what = `setting up ${this.#label}`
    const deadline = options.deadline?.part(what, givenUp) ?? new Deadline(what, timeoutMs, givenUp)
    // The caller of `cleanUp` gets the error.
    await this.#stopping?.catch(() => {})
    this.#forceSignal = new AbortController()
    this.#forceBy(forceSignal)
    try {
      await this.#work.bringUp(options, deadline)
      this.#phase = 'up'
    } catch (thrown) {
      this.#phase = 'down'
      throw thrown
    }
  }

  async #stop(): Promise<void> {
    try {
      await this.#work.bringDown()
    } finally {
      // `setUp` may have been called in the meantime.
      if (this.#phase === 'stopping') this.#phase = 'down'
    }
  }

  #forceBy(signal: AbortSignal | undefined): void {
    if (signal?.aborted) this.#forceSignal.abort()
    signal?.addEventListener('abort', () => this.#forceSignal.abort(), { once: true, signal: this.#forceSignal.signal })
  }
}
