import { closest } from 'fastest-levenshtein'
import { asError, CanceledError, ConfigError, combineErrors, StateError } from '../kernel/errors.ts'
import type { ConfigsOf, ServiceDefinition } from '../service/definition.ts'
import { among, checkNeeds, type Needs, reversed, visitInOrder, withNeeds } from '../service/dependencies.ts'
import type { ExternalService, SetUpOptions } from '../service/external-service.ts'
import type { Progress } from '../service/instance.ts'
import { labelOf } from '../service/label.ts'
import { defaultPrefix, persistentLabels } from '../service/variables.ts'
import { type EnvironmentOption, environmentFrom } from './environment.ts'
import type { ServiceEvent } from './events.ts'

export type Definitions = Readonly<Record<string, ServiceDefinition>>

export interface ServiceSetOptions<D extends Definitions> {
  readonly services: D
  /** Of the variables' names. Default: `LP`. */
  readonly prefix?: string | undefined
  /** Where relative paths of the services' options start. Default: the present directory. */
  readonly directory?: string | undefined
  /** What the chosen profile says of each service. */
  readonly profile?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined
  /** What commands and tests get besides `LP_*`: variables, or a function of the configs of all services. */
  readonly environment?: EnvironmentOption<ConfigsOf<D>> | undefined
}

export interface EnterOptions extends Omit<SetUpOptions, 'needs' | 'useExisting' | 'onProgress'> {
  /**
   * Attach to what the environment declares as running, in `LP_PERSISTENT_TEST_SERVICES`; the other services get
   * instances of their own. Without that variable every service must be declared by its own ones. Default: false.
   */
  readonly useExisting?: boolean | undefined
  /** Only these, and what they need. Default: all. */
  readonly only?: readonly string[] | undefined
}

/** The services of a session: set up in the order of their needs, cleaned up in reverse. */
export class ServiceSet<D extends Definitions = Definitions> {
  readonly prefix: string
  readonly #options: ServiceSetOptions<D>
  readonly #tell: (event: ServiceEvent) => void
  readonly #needs: Needs
  readonly #entered = new Map<string, ExternalService<object>>()
  readonly #giveUp = new AbortController()
  readonly #hurry = new AbortController()
  /** The last `enter`: one begins when the one before it is over, so that a failure undoes its own doing only. */
  #turn: Promise<void> = Promise.resolve()

  /** @throws ERR_CONFIG, ERR_CYCLE when the services' needs make no sense */
  constructor(options: ServiceSetOptions<D>, tell: (event: ServiceEvent) => void) {
    this.#options = options
    this.#tell = tell
    this.prefix = options.prefix ?? defaultPrefix
    this.#needs = new Map(Object.entries(options.services).map(([name, { needs }]) => [name, needs]))
    checkNeeds(this.#needs)
  }

  /** The services that are up, by name, in the order in which they became ready. */
  get entered(): ReadonlyMap<string, ExternalService<object>> {
    return this.#entered
  }

  /** The configs of what is up, by name. */
  get configs(): Partial<ConfigsOf<D>> {
    const entries = [...this.#entered].map(([name, service]) => [name, service.serviceConfig])
    return Object.fromEntries(entries) as Partial<ConfigsOf<D>>
  }

  /** `LP_<LABEL>_*` of everything that is up, and what the config's `environment` adds. */
  get variables(): Record<string, string> {
    const own = [...this.#entered.values()].map((service) => service.variables)
    return Object.assign({}, ...own, environmentFrom(this.#options.environment, this.configs))
  }

  /**
   * Brings services up that are not up yet: independent ones at the same time, each after what it needs is ready. If
   * one fails, those that this call brought up are cleaned up again. Calls at the same time run one after the other.
   *
   * @throws what `ExternalService.setUp` throws; ERR_CONFIG for an unknown name; ERR_STATE once the session has ended
   */
  async enter(options: EnterOptions = {}): Promise<void> {
    const turn = this.#turn.then(() => this.#enter(options))
    // The caller of this call gets its error; the next one begins whatever came of it.
    this.#turn = turn.catch(() => {})
    await turn
  }

  /** @throws ERR_CONFIG for a name that is not up; what `check` throws */
  async check(names?: readonly string[]): Promise<void> {
    const outcomes = await Promise.allSettled(this.#pick(names).map((name) => this.#entered.get(name)?.check()))
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [asError(outcome.reason)] : []))
    if (errors.length > 0) throw combineErrors(errors)
  }

  /** Resets services, those that others need first. Default: all. */
  async reset(names?: readonly string[]): Promise<void> {
    const chosen = among(this.#needs, this.#pick(names))
    await visitInOrder(chosen, async (name) => this.#entered.get(name)?.reset())
  }

  /** Gives up what is coming up, and lets nothing come up any more. */
  async close(): Promise<void> {
    this.#giveUp.abort()
    await this.#turn
  }

  /** Skips the graces of what is being stopped, or undone. */
  hurry(): void {
    this.#hurry.abort()
  }

  /** Cleans up all but these, dependants first; gives the errors. */
  cleanUpAllBut(kept: ReadonlySet<string>): Promise<Error[]> {
    const names = [...this.#entered.keys()].filter((name) => !kept.has(name))
    return this.#cleanUpAll(names, this.#hurry.signal)
  }

  async #enter({ only, useExisting, ...options }: EnterOptions): Promise<void> {
    if (this.#giveUp.signal.aborted) throw new StateError('this session has ended; create another one')
    const attached = this.#declared(useExisting)
    const wanted = this.#wanted(only, attached)
    const failures: Error[] = []
    const failed = new AbortController()
    const signal = anyOf(failed.signal, this.#giveUp.signal, options.signal)
    const hurry = anyOf(this.#hurry.signal, options.hurry)
    const enterOne = (name: string): Promise<void> =>
      this.#setUp(name, { ...options, signal, hurry, useExisting: attached.has(name) }).catch((thrown) => {
        failures.push(asError(thrown))
        failed.abort()
        throw thrown
      })
    await visitInOrder(wanted, enterOne).catch(async () => {
      const cleanUpErrors = await this.#cleanUpAll(wanted.keys(), hurry)
      throw combineErrors([...withoutGivenUp(failures), ...cleanUpErrors])
    })
  }

  async #setUp(name: string, options: SetUpOptions): Promise<void> {
    const service = this.#create(name)
    await this.#telling(name, ['starting', 'ready'], async () => {
      const onProgress = (progress: Progress): void => this.#tell({ kind: 'progress', service: name, ...progress })
      await service.setUp({ ...options, needs: this.#needsOf(name), onProgress })
      this.#entered.set(name, service)
    })
  }

  #needsOf(name: string): Readonly<Record<string, object>> {
    const needed = [...this.#entered].filter(([other]) => this.#needs.get(name)?.includes(other))
    return Object.fromEntries(needed.map(([other, { serviceConfig }]) => [other, serviceConfig]))
  }

  #create(name: string): ExternalService<object> {
    const profile = this.#options.profile?.[name]
    const { directory } = this.#options
    return this.#definition(name).create({ label: labelOf(name), prefix: this.prefix, directory, profile })
  }

  #definition(name: string): ServiceDefinition {
    const definition = this.#needs.has(name) ? this.#options.services[name] : undefined
    if (definition) return definition
    const names = [...this.#needs.keys()]
    throw new ConfigError(
      `there is no service "${name}" (did you mean "${closest(name, names)}"?); expected one of ${names.join(', ')}`,
    )
  }

  async #cleanUpAll(names: Iterable<string>, hurry: AbortSignal): Promise<Error[]> {
    const errors: Error[] = []
    const up = [...names].filter((name) => this.#entered.has(name))
    await visitInOrder(reversed(among(this.#needs, up)), (name) =>
      this.#cleanUp(name, hurry).catch((thrown) => void errors.push(asError(thrown))),
    )
    return errors
  }

  async #cleanUp(name: string, hurry: AbortSignal): Promise<void> {
    const service = this.#entered.get(name)
    this.#entered.delete(name)
    await this.#telling(name, ['stopping', 'stopped'], async () => service?.cleanUp(hurry))
  }

  /** The names of the services to attach to. */
  #declared(useExisting: boolean | undefined): Set<string> {
    if (!useExisting) return new Set()
    const labels = persistentLabels(process.env, this.prefix)
    return new Set([...this.#needs.keys()].filter((name) => labels?.includes(labelOf(name)) ?? true))
  }

  /** What is still to be entered. A running instance has what it needs already. */
  #wanted(only: readonly string[] | undefined, attached: ReadonlySet<string>): Needs {
    for (const name of only ?? []) this.#definition(name)
    const needs = new Map([...this.#needs].map(([name, own]) => [name, attached.has(name) ? [] : own]))
    const wanted = withNeeds(needs, only ?? needs.keys())
    return among(
      needs,
      [...wanted].filter((name) => !this.#entered.has(name)),
    )
  }

  #pick(names: readonly string[] = [...this.#entered.keys()]): readonly string[] {
    const missing = names.find((name) => !this.#entered.has(name))
    if (missing === undefined) return names
    const up = [...this.#entered.keys()].join(', ') || 'none'
    throw new ConfigError(`the service "${missing}" is not up; these are: ${up}`)
  }

  async #telling(
    service: string,
    [begin, end]: ['starting', 'ready'] | ['stopping', 'stopped'],
    work: () => Promise<void>,
  ): Promise<void> {
    const startedAt = performance.now()
    const tookMs = (): number => performance.now() - startedAt
    this.#tell({ kind: begin, service })
    try {
      await work()
    } catch (thrown) {
      const kind = thrown instanceof CanceledError ? 'canceled' : 'failed'
      this.#tell({ kind, service, tookMs: tookMs(), reason: asError(thrown).message })
      throw thrown
    }
    this.#tell({ kind: end, service, tookMs: tookMs() })
  }
}

function anyOf(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined))
}

/** The services that were given up because of the first failure are no news. */
function withoutGivenUp([first, ...others]: readonly Error[]): Error[] {
  const news = others
    .flatMap((error) => (error instanceof AggregateError ? error.errors.map(asError) : [error]))
    .filter((error) => !(error instanceof CanceledError))
  return first ? [first, ...news] : news
}
