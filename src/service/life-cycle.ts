import { setMaxListeners } from 'node:events'
import { Deadline } from '../kernel/deadline.ts'
import { asError, combineErrors } from '../kernel/errors.ts'
import { checkTimeout } from '../kernel/time-limit.ts'
import type { NetworkProxy } from '../proxy/network-proxy.ts'
import type { Declared } from './instance/existing.ts'
import type { InstanceResources } from './instance/instance-resources.ts'
import { defaultTimeoutMs, type SessionSetUpOptions, type SetUpOptions } from './set-up-options.ts'

/** Resources of a service from the beginning of a set-up to the end of the clean-up. */
export interface Held<Config> {
  readonly context: InstanceResources
  /** Declaration of the running instance, for a tenant of the instance. */
  readonly declared: Declared | undefined
  /** Config for clients. Present while the service is up. */
  readonly config?: Config
  /** Config for the hooks, with the address of the server; `config` may have the address of a proxy. */
  readonly ownConfig?: Config
  /** The proxy in front of the service, if asked for. */
  readonly network?: NetworkProxy | undefined
}

/** The part of `Held` present while the service is up. */
export type Filled<Config> = Required<Pick<Held<Config>, 'config' | 'ownConfig' | 'network'>>

/** Limits of a set-up. */
export interface Limits {
  readonly deadline: Deadline
  /** Fires when the graces end. */
  readonly forceSignal: AbortSignal
}

interface Start<Config> {
  /** Makes the context. */
  open(options: SessionSetUpOptions, limits: Limits): Promise<Held<Config>>
  /** Starts the service, or attaches to a running instance. */
  fill(held: Held<Config>, options: SessionSetUpOptions): Promise<Filled<Config>>
}

type Phase = 'down' | 'starting' | 'up' | 'stopping'

/**
 * Effect of a call in each phase: begins work, joins the work of an earlier call, gives up a start, or has no effect.
 */
const responses = {
  setUp: { down: 'begin', starting: 'join', up: 'join', stopping: 'begin' },
  cleanUp: { down: 'nothing', starting: 'giveUp', up: 'begin', stopping: 'join' },
} as const

/** Puts starts, resets and stops of a service in order, for any number of concurrent calls, and holds the result of a start. */
export class LifeCycle<Config extends object> {
  readonly #label: string
  readonly #start: Start<Config>
  #phase: Phase = 'down'
  #held: Held<Config> | undefined
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined
  #resetting: Promise<void> | undefined
  #giveUp = new AbortController()
  #forceSignal = new AbortController()

  constructor(label: string, start: Start<Config>) {
    this.#label = label
    this.#start = start
  }

  get phase(): Phase {
    return this.#phase
  }

  /** Absent while the service is down. */
  get held(): Held<Config> | undefined {
    return this.#held
  }

  async setUp(options: SetUpOptions): Promise<void> {
    if (options.timeoutMs !== undefined) checkTimeout(`${this.#label}: timeoutMs`, options.timeoutMs)
    if (responses.setUp[this.#phase] === 'begin') {
      // Set before the first `await`: an immediate `cleanUp` has to see the phase.
      this.#phase = 'starting'
      this.#giveUp = new AbortController()
      this.#starting = this.#bringUp(options)
    }
    await this.#starting
  }

  /** Resets the service. Concurrent calls share a reset. */
  reset(work: () => Promise<void>): Promise<void> {
    this.#resetting ??= work().finally(() => {
      this.#resetting = undefined
    })
    return this.#resetting
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
      this.#stopping = this.#bringDown()
    }
    if (responses.cleanUp[this.#phase] === 'join') await this.#stopping
  }

  async #bringUp(options: SessionSetUpOptions): Promise<void> {
    const deadline = this.#deadlineOf(options)
    // The caller of `cleanUp` gets the error.
    await this.#stopping?.catch(() => {})
    this.#forceSignal = new AbortController()
    this.#forceBy(options.forceSignal)
    try {
      deadline.check()
      const held = await this.#start.open(options, { deadline, forceSignal: this.#forceSignal.signal })
      this.#held = held
      this.#held = { ...held, ...(await this.#start.fill(held, options)) }
      deadline.check()
      this.#phase = 'up'
    } catch (thrown) {
      const errors = [asError(thrown), ...(await this.#close())]
      this.#phase = 'down'
      throw combineErrors(errors)
    }
  }

  #deadlineOf({ deadline, signal, timeoutMs = defaultTimeoutMs }: SessionSetUpOptions): Deadline {
    const what = `setting up ${this.#label}`
    const givenUp = AbortSignal.any([this.#giveUp.signal, ...(signal ? [signal] : [])])
    return deadline?.part(what, givenUp) ?? new Deadline(what, timeoutMs, givenUp)
  }

  async #bringDown(): Promise<void> {
    const errors = await this.#close()
    // `setUp` may have been called in the meantime.
    if (this.#phase === 'stopping') this.#phase = 'down'
    if (errors.length > 0) throw combineErrors(errors)
  }

  /** Removes all resources made by the start; returns the errors. */
  async #close(): Promise<Error[]> {
    if (!this.#held) return []
    const { context, declared } = this.#held
    this.#held = { context, declared }
    const errors = await context.close()
    this.#held = undefined
    return errors
  }

  #forceBy(signal: AbortSignal | undefined): void {
    if (!signal) return
    if (signal.aborted) this.#forceSignal.abort()
    // All services of a session listen to a single signal, and Node warns of more than ten.
    setMaxListeners(0, signal)
    signal.addEventListener('abort', () => this.#forceSignal.abort(), { once: true, signal: this.#forceSignal.signal })
  }
}
