import { Deadline } from '../kernel/deadline.ts'
import { asError, CanceledError, ConfigError, combineErrors, StateError } from '../kernel/errors.ts'
import { Turns } from '../kernel/turns.ts'
import type { ConfigsOf } from '../service/definition.ts'
import type { ExternalService } from '../service/external-service.ts'
import { type Needs, reversed, subgraph, visitInOrder, withNeeds } from '../service/instance/dependencies.ts'
import type { HealthChange } from '../service/instance/health-check.ts'
import type { Progress } from '../service/instance/set-up-context.ts'
import type { ServiceOptions } from '../service/service-options.ts'
import { defaultTimeoutMs, type SessionSetUpOptions, type SetUpOptions } from '../service/set-up-options.ts'
import { checkEnvironment, environmentFrom } from './environment.ts'
import type { EventChannel } from './event-channel.ts'
import { emitPhase, type SessionEvent } from './events.ts'
import { type Definitions, ServiceRegistry, type ServiceSetOptions } from './service-registry.ts'

export interface EnterOptions extends Omit<SetUpOptions, 'needs' | 'network'> {
  /**
   * Attaches to the services declared as running in `LP_PERSISTENT_TEST_SERVICES`; the remaining services get new
   * instances. Without this variable, every service must be declared by its own `LP_<LABEL>_*` variables. Default:
   * false.
   */
  readonly useExisting?: boolean | undefined
  /** Environment with the declarations of running services. Default: `process.env`. */
  readonly declaredIn?: NodeJS.ProcessEnv | undefined
  /** Names of the services to start; their needs are started, too. Default: all. */
  readonly only?: readonly string[] | undefined
  /** Names of the services that get a proxy, for faults by `service.network`. Default: none. */
  readonly network?: readonly string[] | undefined
  /** Restarts failed services within the limits of their `restartPolicy`. Default: false, a failure is an error. */
  readonly restarts?: boolean | undefined
}

interface ServiceSetSurroundings {
  readonly events: EventChannel<SessionEvent>
  /** Skips the graces of services being stopped, or undone after a failure. */
  readonly forceSignal: AbortSignal
  /** Returns the variables and secrets of the environments entered at present. */
  readonly around: () => Pick<ServiceOptions, 'surroundings' | 'secrets'>
}

/** The services of a session: set up in the order of their needs, cleaned up in reverse. */
export class ServiceSet<D extends Definitions = Definitions> {
  readonly #environment: ServiceSetOptions<D>['environment']
  readonly #registry: ServiceRegistry
  readonly #events: ServiceSetSurroundings['events']
  readonly #around: ServiceSetSurroundings['around']
  readonly #shared = new Map<string, unknown>()
  readonly #entered = new Map<string, ExternalService<object>>()
  /** Dead services; `stopping` and `stopped` are not reported for a dead service. */
  readonly #dead = new WeakSet<ExternalService<object>>()
  readonly #giveUp = new AbortController()
  readonly #forceSignal: AbortSignal
  /** Starts and clean-ups. Each waits for the previous one, so that a failed start undoes only its own work. */
  readonly #turns = new Turns()

  /** @throws ERR_CONFIG, ERR_CYCLE for invalid needs */
  constructor(options: ServiceSetOptions<D>, { events, around, forceSignal }: ServiceSetSurroundings) {
    this.#environment = options.environment
    this.#registry = new ServiceRegistry(options)
    this.#events = events
    this.#around = around
    this.#forceSignal = forceSignal
  }

  get prefix(): string {
    return this.#registry.prefix
  }

  /** See `Session.services`. */
  get entered(): ReadonlyMap<string, ExternalService<object>> {
    return this.#entered
  }

  /** See `Session.configs`. */
  get configs(): Partial<ConfigsOf<D>> {
    const entries = [...this.#entered].map(([name, service]) => [name, service.serviceConfig])
    return Object.fromEntries(entries) as Partial<ConfigsOf<D>>
  }

  /** See `Session.variables`. */
  get variables(): Record<string, string> {
    const own = [...this.#entered.values()].map((service) => service.variables)
    return Object.assign({}, ...own, environmentFrom(this.#environment, this.configs))
  }

  /** See `Session.enter`. */
  enter(options: EnterOptions = {}): Promise<void> {
    return this.#turns.do(() => this.#enter(options))
  }

  /** See `Session.check`. */
  async check(names?: readonly string[]): Promise<void> {
    const outcomes = await Promise.allSettled(this.#pick(names).map((name) => this.#entered.get(name)?.check()))
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [asError(outcome.reason)] : []))
    if (errors.length > 0) throw combineErrors(errors)
  }

  /** See `Session.reset`. Goes on after a failure: the other services are reset, and each failure is reported. */
  async reset(names?: readonly string[]): Promise<void> {
    const chosen = subgraph(this.#registry.needs, this.#pick(names))
    const errors = await visitAll(chosen, (name) => this.#reset(name))
    if (errors.length > 0) throw combineErrors(errors)
  }

  /** See `Session.cleanUp`. */
  async cleanUp(names?: readonly string[]): Promise<void> {
    const chosen = withNeeds(reversed(this.#registry.needs), this.#pick(names))
    const errors = await this.#turns.do(() => this.#cleanUpAll(chosen, this.#forceSignal))
    if (errors.length > 0) throw combineErrors(errors)
  }

  /**
   * Notes the reset at each dependant: a dependant may lose connections, and can name the reset if it dies of the loss.
   */
  async #reset(name: string): Promise<void> {
    const service = this.#entered.get(name)
    if (service === undefined) return
    for (const [other, needs] of this.#registry.needs)
      if (needs.includes(name)) this.#entered.get(other)?.noteReset(service.label)
    await service.reset()
  }

  /** Gives up running starts and refuses new starts. */
  async close(): Promise<void> {
    this.#giveUp.abort()
    await this.#turns.idle
  }

  /** Cleans up all services except `kept`, dependants first; returns the errors. */
  cleanUpAllBut(kept: ReadonlySet<string>): Promise<Error[]> {
    const names = [...this.#entered.keys()].filter((name) => !kept.has(name))
    return this.#cleanUpAll(names, this.#forceSignal)
  }

  async #enter({ only, network, useExisting, declaredIn = process.env, ...asked }: EnterOptions): Promise<void> {
    if (this.#giveUp.signal.aborted) throw new StateError('this session has ended; create another one')
    this.#registry.checkNames(only)
    this.#registry.checkNames(network)
    const attached = useExisting ? this.#registry.declaredIn(declaredIn) : new Set<string>()
    const wanted = this.#missing(only, attached)
    const deadline = new Deadline('the start', asked.timeoutMs ?? defaultTimeoutMs)
    const options = { ...asked, deadline }
    const failures: Error[] = []
    const failed = new AbortController()
    const signal = anyOf(failed.signal, this.#giveUp.signal, options.signal)
    const forceSignal = anyOf(this.#forceSignal, options.forceSignal)
    const enterOne = (name: string): Promise<void> =>
      this.#setUp(name, declaredIn, {
        ...options,
        signal,
        forceSignal,
        useExisting: attached.has(name),
        network: network?.includes(name),
      }).catch((thrown) => {
        failures.push(asError(thrown))
        failed.abort()
        throw thrown
      })
    const own = [...wanted.keys()].filter((name) => !attached.has(name))
    await deadline.part('the start', signal).race(() => this.#registry.require(own))
    await visitInOrder(wanted, enterOne).catch(async () => {
      const cleanUpErrors = await this.#cleanUpAll(wanted.keys(), forceSignal)
      throw combineErrors([...withoutGivenUp(failures), ...cleanUpErrors])
    })
  }

  async #setUp(name: string, declaredIn: NodeJS.ProcessEnv, options: SessionSetUpOptions): Promise<void> {
    const service = this.#registry.create(name, { environment: declaredIn, ...this.#around() })
    const warning = options.useExisting ? undefined : this.#registry.warningOf(name)
    await emitPhase(this.#events, { service: name, begin: 'starting', end: 'ready', warning }, async () => {
      const onProgress = (progress: Progress): void =>
        this.#events.emit({ kind: 'progress', service: name, ...progress })
      const onHealth = (change: HealthChange): void => this.#events.emit({ kind: 'health', service: name, ...change })
      const own = { needs: this.#needsOf(name), shared: this.#shared, onProgress, onHealth }
      const wanted: SessionSetUpOptions = { ...options, ...own }
      await service.setUp(wanted)
      this.#entered.set(name, service)
    })
    checkEnvironment(this.#environment, this.configs)
    void this.#emitDeath(name, service)
  }

  async #emitDeath(name: string, service: ExternalService<object>): Promise<void> {
    if (service.ended === undefined) return
    await service.ended
    // Not reported: the end of a service is expected while the service is being stopped.
    if (this.#giveUp.signal.aborted || this.#entered.get(name) !== service) return
    this.#dead.add(service)
    const { message } = await service.check().then(() => new Error(`${name} has ended`), asError)
    this.#events.emit({ kind: 'died', service: name, reason: message })
  }

  #needsOf(name: string): Readonly<Record<string, object>> {
    const needed = [...this.#entered].filter(([other]) => this.#registry.needs.get(name)?.includes(other))
    return Object.fromEntries(needed.map(([other, { serviceConfig }]) => [other, serviceConfig]))
  }

  #cleanUpAll(names: Iterable<string>, forceSignal: AbortSignal): Promise<Error[]> {
    const up = [...names].filter((name) => this.#entered.has(name))
    return visitAll(reversed(subgraph(this.#registry.needs, up)), (name) => this.#cleanUp(name, forceSignal))
  }

  async #cleanUp(name: string, forceSignal: AbortSignal): Promise<void> {
    const service = this.#entered.get(name)
    this.#entered.delete(name)
    const cleanUp = async (): Promise<void> => service?.cleanUp(forceSignal)
    const phase = { service: name, begin: 'stopping', end: 'stopped' } as const
    await (service && this.#dead.has(service) ? cleanUp() : emitPhase(this.#events, phase, cleanUp))
  }

  /** Returns the services to start, and the needs of each. */
  #missing(only: readonly string[] | undefined, attached: ReadonlySet<string>): Needs {
    const { names, needs } = this.#registry.wanted(only, attached)
    return subgraph(
      needs,
      [...names].filter((name) => !this.#entered.has(name)),
    )
  }

  #pick(names: readonly string[] = [...this.#entered.keys()]): readonly string[] {
    const missing = names.find((name) => !this.#entered.has(name))
    if (missing === undefined) return names
    const up = [...this.#entered.keys()].join(', ') || 'none'
    throw new ConfigError(`the service "${missing}" is not up; these are: ${up}`)
  }
}

/** Visits every service after its needs, even if a visit to a need has failed. Returns the errors. */
async function visitAll(needs: Needs, visit: (name: string) => Promise<void>): Promise<Error[]> {
  const errors: Error[] = []
  await visitInOrder(needs, (name) => visit(name).catch((thrown) => void errors.push(asError(thrown))))
  return errors
}

function anyOf(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined))
}

/** Leaves out the services given up because of the first failure: they did not fail themselves. */
function withoutGivenUp([first, ...others]: readonly Error[]): Error[] {
  const news = others
    .flatMap((error) => (error instanceof AggregateError ? error.errors.map(asError) : [error]))
    .filter((error) => !(error instanceof CanceledError))
  return first ? [first, ...news] : news
}
