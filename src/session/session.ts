import { closest } from 'fastest-levenshtein'
import { asError, CanceledError, ConfigError, combineErrors, StateError } from '../kernel/errors.ts'
import type { Ended } from '../process/ended.ts'
import type { ConfigsOf, ServiceDefinition } from '../service/definition.ts'
import { checkNeeds, type Needs, reversed, visitInOrder, withNeeds } from '../service/dependencies.ts'
import type { ExternalService, SetUpOptions } from '../service/external-service.ts'
import { labelOf } from '../service/label.ts'
import { defaultPrefix } from '../service/variables.ts'
import { environmentOf } from './environment.ts'
import type { SessionEvent, SessionListener } from './events.ts'
import { runCommand, type SessionCommand } from './run-command.ts'

export type Definitions = Readonly<Record<string, ServiceDefinition>>

export interface SessionOptions<D extends Definitions> {
  readonly services: D
  /** Of the variables' names. Default: `LP`. */
  readonly prefix?: string | undefined
  /** Where relative paths of the services' options start. Default: the present directory. */
  readonly directory?: string | undefined
  /** What the chosen profile says of each service. */
  readonly profile?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined
  /** Variables that commands and tests get besides `LP_*`, from the configs of the services. */
  readonly environment?: ((configs: ConfigsOf<D>) => Readonly<Record<string, string>>) | undefined
  /** Hears what happens to each service; what it throws is ignored. */
  readonly onEvent?: SessionListener | undefined
}

export interface EnterOptions extends Omit<SetUpOptions, 'needs'> {
  /** Only these, and what they need. Default: all. */
  readonly only?: readonly string[] | undefined
}

/** The one holder of everything: services entered in the order of their needs, commands run among them, left in reverse. */
export class Session<D extends Definitions = Definitions> implements AsyncDisposable {
  readonly prefix: string
  readonly #options: SessionOptions<D>
  readonly #needs: Needs
  readonly #entered = new Map<string, ExternalService<object>>()
  #ending: Promise<void> | undefined

  /** @throws ERR_CONFIG, ERR_CYCLE when the services' needs make no sense */
  constructor(options: SessionOptions<D>) {
    this.#options = options
    this.prefix = options.prefix ?? defaultPrefix
    this.#needs = new Map(Object.entries(options.services).map(([name, { needs }]) => [name, needs]))
    checkNeeds(this.#needs)
  }

  /** The services that are up, by name, in the order in which they became ready. */
  get services(): ReadonlyMap<string, ExternalService<object>> {
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
    const { environment } = this.#options
    return Object.assign({}, ...own, environment && environmentOf(environment, this.configs))
  }

  /**
   * Brings services up: independent ones at the same time, each after what it needs is ready. If one fails, those
   * that came up are cleaned up again.
   *
   * @throws what `ExternalService.setUp` throws; ERR_CONFIG for an unknown name; ERR_STATE once the session has ended
   */
  async enter({ only, ...options }: EnterOptions = {}): Promise<void> {
    if (this.#ending !== undefined) throw new StateError('this session has ended; create another one')
    const others = new AbortController()
    const signal = AbortSignal.any([others.signal, ...(options.signal ? [options.signal] : [])])
    const enterOne = (name: string) =>
      this.#setUp(name, { ...options, signal }).catch((thrown) => {
        others.abort(thrown)
        throw thrown
      })
    try {
      await visitInOrder(this.#select(only), enterOne)
    } catch (thrown) {
      const errors = await this.#cleanUpAll()
      throw combineErrors([firstCause(others.signal, thrown), ...errors])
    }
  }

  /** Runs one command with the session's variables and waits for its end. */
  async run(command: SessionCommand): Promise<Ended> {
    return runCommand({ ...command, environment: { ...this.variables, ...command.environment } })
  }

  /** @throws ERR_CONFIG for a name that is not up; what `check` throws */
  async check(names?: readonly string[]): Promise<void> {
    await Promise.all(this.#pick(names).map((service) => service.check()))
  }

  /** Resets services, those that others need first. Default: all. */
  async reset(names?: readonly string[]): Promise<void> {
    for (const service of this.#pick(names)) await service.reset()
  }

  /**
   * Cleans everything up in reverse. Harmless when repeated.
   *
   * @param hurry skips the graces once it fires
   */
  async end(hurry?: AbortSignal): Promise<void> {
    this.#ending ??= this.#end(hurry)
    await this.#ending
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
  }

  async #end(hurry?: AbortSignal): Promise<void> {
    const errors = await this.#cleanUpAll(hurry)
    if (errors.length > 0) throw combineErrors(errors)
  }

  async #setUp(name: string, options: SetUpOptions): Promise<void> {
    const service = this.#create(name)
    const startedAt = performance.now()
    const tookMs = (): number => performance.now() - startedAt
    this.#tell({ kind: 'starting', service: name })
    try {
      await service.setUp({ ...options, needs: this.configs as Readonly<Record<string, object>> })
    } catch (thrown) {
      this.#tell({ kind: 'failed', service: name, tookMs: tookMs(), reason: asError(thrown).message })
      throw thrown
    }
    this.#entered.set(name, service)
    this.#tell({ kind: 'ready', service: name, tookMs: tookMs() })
  }

  #create(name: string): ExternalService<object> {
    const profile = this.#options.profile?.[name]
    const { directory } = this.#options
    return this.#definition(name).create({ label: labelOf(name), prefix: this.prefix, directory, profile })
  }

  #definition(name: string): ServiceDefinition {
    const definition = this.#options.services[name]
    if (definition) return definition
    const names = [...this.#needs.keys()]
    throw new ConfigError(
      `there is no service "${name}" (did you mean "${closest(name, names)}"?); expected one of ${names.join(', ')}`,
    )
  }

  async #cleanUpAll(hurry?: AbortSignal): Promise<Error[]> {
    const errors: Error[] = []
    const entered = new Map([...this.#needs].filter(([name]) => this.#entered.has(name)))
    await visitInOrder(reversed(entered), (name) =>
      this.#cleanUp(name, hurry).catch((thrown) => void errors.push(asError(thrown))),
    )
    return errors
  }

  async #cleanUp(name: string, hurry?: AbortSignal): Promise<void> {
    const startedAt = performance.now()
    this.#tell({ kind: 'stopping', service: name })
    const service = this.#entered.get(name)
    this.#entered.delete(name)
    await service?.cleanUp(hurry)
    this.#tell({ kind: 'stopped', service: name, tookMs: performance.now() - startedAt })
  }

  #select(only: readonly string[] | undefined): Needs {
    for (const name of only ?? []) this.#definition(name)
    const wanted = withNeeds(this.#needs, only ?? this.#needs.keys())
    return new Map([...this.#needs].filter(([name]) => wanted.has(name)))
  }

  #pick(names: readonly string[] | undefined): ExternalService<object>[] {
    return (names ?? [...this.#entered.keys()]).map((name) => {
      const service = this.#entered.get(name)
      if (!service)
        throw new ConfigError(
          `the service "${name}" is not up; these are: ${[...this.#entered.keys()].join(', ') || 'none'}`,
        )
      return service
    })
  }

  /** A listener that throws stops nothing. */
  #tell(event: SessionEvent): void {
    try {
      this.#options.onEvent?.(event)
    } catch (thrown) {
      process.emitWarning(asError(thrown))
    }
  }
}

/** The services that were given up because of the first failure are no news. */
function firstCause(others: AbortSignal, thrown: unknown): Error {
  const reason = others.aborted ? asError(others.reason) : asError(thrown)
  return reason instanceof CanceledError ? asError(thrown) : reason
}
