import type { Stack } from '../../config/stack.ts'
import { Deadline } from '../../kernel/deadline.ts'
import { lazy } from '../../kernel/lazy.ts'
import { scopeOf } from '../../service/definition.ts'
import { withNeeds } from '../../service/instance/dependencies.ts'
import { ownVariables } from '../../session/exported-variables.ts'
import { HeldServices, type HoldingOptions } from './held-services.ts'

/**
 * Services shared by the machines of a pool, in a session of this process. Each machine gets a tenant of each shared
 * service, and a separate instance of each unshared service, such as a service with needs.
 */
export class SharedServices {
  readonly #stack: Stack
  readonly #options: HoldingOptions
  readonly #closing = new AbortController()
  /** Brings the shared services up for the first machine. After a failure, the next machine tries again. */
  readonly #open = lazy(() => HeldServices.open(this.#shared, { ...this.#options, signal: this.#closing.signal }))
  #isOpened = false

  constructor(stack: Stack, options: HoldingOptions) {
    this.#stack = stack
    this.#options = options
  }

  /** Brings the shared services up, in the first call. @throws the errors of `Session.enter`; ERR_CANCELED */
  async open(signal: AbortSignal): Promise<HeldServices> {
    this.#isOpened = true
    const starting = new Deadline('starting the shared services', Number.POSITIVE_INFINITY, signal)
    return starting.race(() => this.#open())
  }

  /** Returns the services for a machine. @throws the errors of `Session.enter`; ERR_CANCELED */
  async tenant(signal: AbortSignal): Promise<HeldServices> {
    const { session } = await this.open(signal)
    const declaredIn = { ...process.env, ...ownVariables(session) }
    return HeldServices.open(this.#stack, { ...this.#options, signal, declaredIn, instances: session })
  }

  async close(): Promise<void> {
    this.#closing.abort()
    if (!this.#isOpened) return
    const opened = await this.#open().catch(() => undefined)
    await opened?.close()
  }

  get #shared(): Stack {
    const { names, config } = this.#stack
    const needs = new Map(Object.entries(config.services).map(([name, { needs }]) => [name, needs]))
    const forAll = [...withNeeds(needs, names)].filter((name) => isForAll(config.services[name]))
    return { ...this.#stack, names: forAll }
  }
}

function isForAll(definition: Stack['config']['services'][string] | undefined): boolean {
  return definition !== undefined && scopeOf(definition) === 'run'
}
