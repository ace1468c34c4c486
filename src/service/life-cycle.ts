import { Deadline } from '../kernel/deadline.ts'
import { checkTimeout } from '../kernel/time-limit.ts'
import { defaultTimeoutMs, type SetUpOptions } from './set-up-options.ts'

interface Work {
  /** Undoes what it did before it throws. */
  bringUp(options: SetUpOptions, deadline: Deadline): Promise<void>
  bringDown(): Promise<void>
}

type Phase = 'down' | 'starting' | 'up' | 'stopping'

/** What a call comes to in each phase: work of its own, a share in that of another call, or none. */
const responses = {
  setUp: { down: 'begin', starting: 'join', up: 'join', stopping: 'begin' },
  cleanUp: { down: 'nothing', starting: 'giveUp', up: 'begin', stopping: 'join' },
} as const

/** The order in which a service comes up and goes down, whoever asks for it how often and when. */
export class LifeCycle {
  readonly #label: string
  readonly #work: Work
  #phase: Phase = 'down'
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined
  #giveUp = new AbortController()
  #hurry = new AbortController()

  constructor(label: string, work: Work) {
    this.#label = label
    this.#work = work
  }

  get phase(): Phase {
    return this.#phase
  }

  /** Fires when the graces are over. */
  get hurry(): AbortSignal {
    return this.#hurry.signal
  }

  async setUp(options: SetUpOptions): Promise<void> {
    if (options.timeoutMs !== undefined) checkTimeout(`${this.#label}: timeoutMs`, options.timeoutMs)
    if (responses.setUp[this.#phase] === 'begin') {
      // Before anything is awaited: a cleanUp that follows at once must see it.
      this.#phase = 'starting'
      this.#giveUp = new AbortController()
      this.#starting = this.#start(options)
    }
    await this.#starting
  }

  /** @param hurry ends the graces, also those of a stop that is under way */
  async cleanUp(hurry?: AbortSignal): Promise<void> {
    this.#hurryBy(hurry)
    if (responses.cleanUp[this.#phase] === 'giveUp') {
      this.#giveUp.abort()
      // The caller of setUp gets that error.
      await this.#starting?.catch(() => {})
    }
    if (responses.cleanUp[this.#phase] === 'begin') {
      this.#phase = 'stopping'
      this.#stopping = this.#stop()
    }
    if (responses.cleanUp[this.#phase] === 'join') await this.#stopping
  }

  async #start(options: SetUpOptions): Promise<void> {
    const { signal, hurry, timeoutMs = defaultTimeoutMs } = options
    const givenUp = AbortSignal.any([this.#giveUp.signal, ...(signal ? [signal] : [])])
    const what = `setting up ${this.#label}`
    const deadline = options.deadline?.part(what, givenUp) ?? new Deadline(what, timeoutMs, givenUp)
    // The caller of cleanUp gets its error.
    await this.#stopping?.catch(() => {})
    this.#hurry = new AbortController()
    this.#hurryBy(hurry)
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
      // A setUp may have been called meanwhile.
      if (this.#phase === 'stopping') this.#phase = 'down'
    }
  }

  #hurryBy(signal: AbortSignal | undefined): void {
    if (signal?.aborted) this.#hurry.abort()
    signal?.addEventListener('abort', () => this.#hurry.abort(), { once: true, signal: this.#hurry.signal })
  }
}
