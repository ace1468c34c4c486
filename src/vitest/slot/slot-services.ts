import type { Config } from '../../config/define-config.ts'
import { asError } from '../../kernel/errors.ts'
import { valueUnless } from '../../kernel/value-unless.ts'
import type { ExternalService } from '../../service/external-service.ts'
import { type Needs, withNeeds } from '../../service/instance/dependencies.ts'
import { persistentLabels, persistentVariable } from '../../service/instance/variables.ts'
import { labelOf } from '../../service/options/label.ts'
import { joinedWith } from '../../session/declared-variables.ts'
import { environmentFrom, type Variables } from '../../session/environment.ts'
import { urlsOf } from '../../session/exported-variables.ts'
import { Session } from '../../session/session.ts'
import { declaredConfigs } from './declared-configs.ts'
import { idOf, type SlotView, viewOf } from './slot-view.ts'
import { startRecorder } from './start-record.ts'

type Service = ExternalService<object>

/** Services outside of a slot, to which the slot attaches. */
export interface SharedServices {
  isShared(name: string): boolean
  /** Brings up the shared services among `names`. Returns an environment that declares the shared services. */
  declare(names: readonly string[]): Promise<NodeJS.ProcessEnv>
  /**
   * Returns the shared instance, if this process holds the instance; only then the instance knows how its process
   * ended.
   */
  instanceOf(name: string): Service | undefined
}

export interface SlotServicesOptions {
  readonly config: Config
  readonly prefix: string
  /** Base directory of relative paths in the services' options. */
  readonly directory: string
  readonly shared: SharedServices
  /** Advice in the error for a config that is read while the service is down. */
  readonly whenDown: string
  /** Limit for each start, in milliseconds. */
  readonly timeoutMs?: number | undefined
}

/** The services of a slot: a tenant of each shared service, and an own instance of every service that is not shared. */
export class SlotServices {
  readonly #options: SlotServicesOptions
  /** One object per service, whether up or down, so that callers may keep the object. */
  readonly #services = new Map<string, Service>()
  /** Variables that declare the shared services to attach to; filled when a service comes up. */
  readonly #declared: NodeJS.ProcessEnv = {}
  readonly #failures = new Map<string, Error>()
  #session: Session | undefined

  constructor(options: SlotServicesOptions) {
    this.#options = options
  }

  get(name: string): Service {
    const service = this.#services.get(name) ?? this.#create(name)
    this.#services.set(name, service)
    return service
  }

  /** Returns the instance with the exit status of the process: the shared instance, if this process holds one. */
  instanceOf(name: string): Service {
    return this.#options.shared.instanceOf(name) ?? this.get(name)
  }

  /** Names of the services that are up. */
  get up(): string[] {
    return [...(this.#session?.services.keys() ?? [])].filter((name) => this.isUp(name))
  }

  /** Whether the session has set the service up, and no test has cleaned the service up since. */
  isUp(name: string): boolean {
    return this.#session?.services.has(name) === true && hasConfig(this.get(name))
  }

  /**
   * Whether a dead instance is started again. True for an unshared service with needs: only this slot uses the
   * instance, and the state of the instance lies in the needed services.
   */
  isRestartable(name: string): boolean {
    return (this.#needs.get(name)?.length ?? 0) > 0
  }

  /** Returns `names` and the names of all needed services. */
  withNeeds(names: Iterable<string>): string[] {
    return [...withNeeds(this.#needs, names)]
  }

  /**
   * Brings a service up, with its needs. After a failure, each further call throws the same error, until `drop` or
   * `close`.
   *
   * @throws the errors of `Session.enter`
   */
  async enter(name: string, timeoutMs = this.#options.timeoutMs): Promise<void> {
    const failure = this.#failures.get(name)
    if (failure) throw failure
    const { shared } = this.#options
    const all = this.withNeeds([name])
    try {
      Object.assign(this.#declared, await shared.declare(all))
      this.#session ??= this.#open()
      const useExisting = all.some((one) => shared.isShared(one))
      await this.#session.enter({ only: [name], useExisting, declaredIn: this.#declared, timeoutMs })
    } catch (thrown) {
      this.#failures.set(name, asError(thrown))
      throw thrown
    }
  }

  /** @throws the errors of `Session.reset` */
  async reset(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#session?.reset({ only: names })
  }

  /** Cleans up running services by name, and all services that need a cleaned service. */
  async drop(names: Iterable<string>): Promise<void> {
    this.#failures.clear()
    const up = [...names].filter((name) => this.isUp(name))
    if (up.length > 0) await this.#session?.cleanUp({ only: up })
  }

  /** Cleans all services up. */
  async close(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    this.#failures.clear()
    await session?.end()
  }

  /** Text that changes when a service has come up or gone, or was started again by a test. */
  get version(): string {
    return this.up.map((name) => `${name}:${idOf(this.get(name).serviceConfig)}:${this.get(name).pid}`).join()
  }

  get view(): SlotView {
    const views = Object.keys(this.#options.config.services).map(
      (name) => [name, viewOf(this.get(name), this.isUp(name))] as const,
    )
    return { version: this.version, variables: this.#variables, services: Object.fromEntries(views) }
  }

  get #variables(): Variables {
    const { config, prefix } = this.#options
    const up = this.up.map((name) => [name, this.get(name)] as const)
    const declared = declaredConfigs(config, prefix, this.#declared)
    const configs = Object.fromEntries(up.map(([name, { serviceConfig }]) => [name, serviceConfig]))
    const made = environmentFrom(config.environment, { ...declared, ...configs })
    const labels = new Set([...(persistentLabels(this.#declared, prefix) ?? []), ...up.map(([, { label }]) => label)])
    const list = labels.size > 0 ? { [persistentVariable(prefix)]: [...labels].join(',') } : {}
    const urls = joinedWith(this.#declared, urlsOf({ services: new Map(up), prefix }))
    return Object.assign({}, ...up.map(([, { variables }]) => variables), list, urls, made)
  }

  #open(): Session {
    const { config, prefix, directory, shared } = this.#options
    const definitions = Object.entries(config.services)
    const services = definitions.map(([name, one]) => [name, { ...one, create: () => this.get(name) }] as const)
    const onEvent = startRecorder({ has: (name) => shared.isShared(name) })
    return new Session({ services: Object.fromEntries(services), prefix, directory, onEvent })
  }

  #create(name: string): Service {
    const { config, prefix, directory, whenDown, shared } = this.#options
    const whenGone = shared.instanceOf(name) && 'it belongs to this run: start Vitest again'
    const definition = config.services[name]
    if (definition === undefined) throw new TypeError(`there is no service "${name}"`)
    const environment = this.#declared
    return definition.create({ label: labelOf(name), prefix, directory, environment, whenDown, whenGone })
  }

  /** Needs of each service. A shared service has none here: its needs are up already. */
  get #needs(): Needs {
    const { config, shared } = this.#options
    const definitions = Object.entries(config.services)
    return new Map(definitions.map(([name, { needs }]) => [name, shared.isShared(name) ? [] : needs]))
  }
}

export function hasConfig(service: Service): boolean {
  return valueUnless(['ERR_STATE'], () => service.serviceConfig) !== undefined
}
