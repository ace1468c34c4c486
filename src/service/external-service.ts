import { ConfigError, StateError } from '../kernel/errors.ts'
import { Redactor } from '../kernel/redactor.ts'
import { secretsIn } from '../kernel/secrets.ts'
import { LogFile } from '../process/log-file.ts'
import type { FaultSituation } from './faults/fault-controls.ts'
import type { Faults } from './faults/faults.ts'
import { FixtureHooks } from './fixture-hooks.ts'
import { attachToExisting, type Declaration, type Declared, readDeclared } from './instance/existing.ts'
import type { ServiceHealth } from './instance/health-check.ts'
import { filesOf, type InstanceFiles, writeFiles } from './instance/instance-files.ts'
import { InstanceResources } from './instance/instance-resources.ts'
import type { LogEntries } from './instance/log-excerpt.ts'
import type { SetUpContext } from './instance/set-up-context.ts'
import { defaultPrefix, serviceVariables } from './instance/variables.ts'
import { KeptConnection } from './kept-connection.ts'
import { type Filled, type Held, LifeCycle, type Limits } from './life-cycle.ts'
import { type Step, serviceFailure } from './service-failure.ts'
import { openNetwork } from './service-network.ts'
import type { ServiceOptions } from './service-options.ts'
import { modeOf, type SessionSetUpOptions, type SetUpOptions } from './set-up-options.ts'

/**
 * A service for tests, such as a database server. A subclass implements the hooks; this class is
 * responsible for order, undoing and records.
 *
 * @see https://lists.launchpad.net/launchpad-dev/msg03033.html the proposal behind this design
 */
export abstract class ExternalService<Config extends object, Options extends object = object>
  extends FixtureHooks<Config>
  implements AsyncDisposable
{
  readonly label: string
  /** Base of relative paths in the options. */
  protected readonly directory: string
  protected readonly profile: Readonly<Record<string, unknown>>
  /** Advice for errors caused by this service in a client, by `code`, or by message for an error that follows. */
  readonly clientErrors: Readonly<Record<string, string>> = {}
  readonly #options: object | undefined
  readonly #declaration: Declaration
  readonly #whenDown: string
  readonly #lifeCycle: LifeCycle<Config>
  readonly #connections: { close(): void }[] = []

  constructor(init: ServiceOptions) {
    super()
    const { label, prefix = defaultPrefix, environment = process.env, whenGone } = init
    this.label = label
    this.directory = init.directory ?? process.cwd()
    this.profile = init.profile ?? {}
    this.#options = init.options
    this.#declaration = { label, prefix, environment, whenGone }
    this.#whenDown = init.whenDown ?? 'call setUp() and await it first'
    this.#lifeCycle = new LifeCycle(label, {
      open: (options, limits) => this.#open(options, limits),
      fill: (held, options) => this.#fill(held, options),
    })
  }

  /** Options of the definition. For a configured instance, options of the profile win. */
  protected get options(): Options {
    return { ...this.#options, ...this.#lifeCycle.held?.context.profile } as Options
  }

  /**
   * Keeps a connection between the questions of this service, until the clean-up: `readonly #connection =
   * this.keepConnection(Connection.open)`.
   *
   * @param open connects, and ends the attempt when the signal fires
   */
  protected keepConnection<Address, Connection extends { readonly isOpen: boolean; close(): void }>(
    open: (config: Address, signal: AbortSignal) => Promise<Connection>,
  ): KeptConnection<Address, Connection> {
    const kept = new KeptConnection(this.label, open)
    this.#connections.push(kept)
    return kept
  }

  /** Faults of the present instance; `undefined` for a service without a process of ours. @internal */
  protected get faults(): Faults | undefined {
    return undefined
  }

  /** @internal */
  protected override get faultSituation(): FaultSituation {
    const { held, phase } = this.#lifeCycle
    const isTenant = held?.declared !== undefined
    return { phase, isTenant, whenDown: this.#whenDown, faults: this.faults, network: held?.network }
  }

  /** The config of this instance. @throws ERR_STATE before `setUp` and after `cleanUp` */
  get serviceConfig(): Config {
    const config = this.#lifeCycle.held?.config
    if (config) return config
    throw new StateError(`${this.label} has no config while it is ${this.#lifeCycle.phase}: ${this.#whenDown}`)
  }

  /** The config of the server, past any proxy. */
  get #ownConfig(): Config {
    return this.#lifeCycle.held?.ownConfig ?? this.serviceConfig
  }

  /** Secret values in the configs of the service and its needs. */
  protected get secrets(): string[] {
    const { config = {}, context, declared } = this.#lifeCycle.held ?? {}
    return [...secretsIn(config, ...Object.values(context?.needs ?? {})), ...(declared?.secrets ?? [])]
  }

  /** Removes secrets from a text for people. */
  redact(text: string): string {
    return new Redactor(this.secrets).apply(text)
  }

  /** `LP_<LABEL>_*` of the instance, for clients in a different process. */
  get variables(): Record<string, string> {
    return serviceVariables(this.#declaration.prefix, this.label, this.serviceConfig, this.files)
  }

  /** Files of the instance. A tenant has a separate config file; pid and log belong to the running instance. */
  get files(): InstanceFiles {
    const { held, phase } = this.#lifeCycle
    if (held) return filesOf(held.context, held.declared)
    throw new StateError(`${this.label} has no files while it is ${phase}`)
  }

  /** The log of this instance. For a tenant: the log of the running instance. */
  get log(): LogFile {
    return new LogFile(this.files.logFile)
  }

  /** Selects the log entries about this client of the instance. Default: all entries. @internal */
  get ownEntries(): LogEntries | undefined {
    return undefined
  }

  /** The pid of the main process, as in the file `LP_<LABEL>_PIDFILE`; `undefined` without a process of ours. */
  get pid(): number | undefined {
    return undefined
  }

  /** Resolves after any end of the instance's main process; `undefined` without a process of ours. */
  get ended(): Promise<unknown> | undefined {
    return undefined
  }

  /** State of a watched service, such as a script with an `onRun`; `undefined` for unwatched services. */
  get health(): ServiceHealth | undefined {
    return undefined
  }

  /** Whether `reset` only checks the service, for lack of a way to restore the state. */
  get keepsState(): boolean {
    return false
  }

  /**
   * Starts the service and waits until it is ready. Repeated calls during the start, or afterwards, change nothing.
   *
   * @throws ERR_START (also for an error of the fixture), ERR_NOT_READY, ERR_MISSING_BINARY, ERR_ATTACH, ERR_PORT_TAKEN,
   * ERR_CANCELED. All steps are undone first; errors of the undoing follow in an `AggregateError`
   */
  setUp(options: SetUpOptions = {}): Promise<void> {
    return this.#lifeCycle.setUp(options)
  }

  /** @throws ERR_SERVICE_DIED or ERR_NOT_ANSWERING with the exit status and the last lines of the log; ERR_STATE */
  async check(): Promise<void> {
    await this.verify(this.#ownConfig)
  }

  /** Throws ERR_SERVICE_DIED if the process has ended, without asking the service. Default: no process to check. */
  async checkLiving(): Promise<void> {}

  /** Restores the state after `setUp`. A dead service is an error, never silently restarted. */
  reset(): Promise<void> {
    return this.#lifeCycle.reset(async () => {
      await this.faults?.do('restore')
      await this.#lifeCycle.held?.network?.restore()
      await this.verifyBeforeReset(this.#ownConfig)
      await this.onReset(this.#ownConfig).catch((thrown) => this.#fail(thrown, 'reset'))
    })
  }

  /**
   * Stops the service and removes all resources made by `setUp`; for a tenant, only the tenant. Harmless when repeated.
   *
   * @param forceSignal skips the graces once fired: all processes are killed at once
   * @throws ERR_LEFT_BEHIND naming the remaining processes and files
   */
  cleanUp(forceSignal?: AbortSignal): Promise<void> {
    return this.#lifeCycle.cleanUp(forceSignal)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cleanUp()
  }

  async #open(options: SessionSetUpOptions, limits: Limits): Promise<Held<Config>> {
    const mode = modeOf(options)
    if (options.network && mode === 'attached') throw new ConfigError(`${this.label}: network needs a new instance`)
    const declared = mode === 'attached' ? readDeclared(this.#declaration) : undefined
    this.onSetUp(mode)
    const profile = mode === 'configured' ? this.profile : {}
    const { label, directory: baseDirectory } = this
    const context = await InstanceResources.open({ ...options, ...limits, label, baseDirectory, mode, profile })
    context.addCleanUp(() => this.#closeConnections())
    return { context, declared }
  }

  #closeConnections(): void {
    for (const connection of this.#connections) connection.close()
  }

  async #fill({ context, declared }: Held<Config>, { network: isWanted }: SetUpOptions): Promise<Filled<Config>> {
    const ownConfig = declared ? await this.#attachTo(declared, context) : await this.#start(context)
    context.addCleanUp(async () => {
      if (!this.faults?.isDown) await this.onStop(ownConfig)
      // A stopping server may wait for clients.
      this.#closeConnections()
    })
    const { network, config } = isWanted
      ? await openNetwork(context, ownConfig)
      : { network: undefined, config: ownConfig }
    if (network) this.faults?.guard(network)
    context.addCleanUp(() => this.faults?.end())
    writeFiles(this.files, config, this.pid)
    return { config, ownConfig, network }
  }

  #start(context: InstanceResources): Promise<Config> {
    return this.startIn(context).catch((thrown) => this.#fail(thrown, 'started'))
  }

  #fail(thrown: unknown, step: Step): never {
    const { context } = this.#lifeCycle.held ?? {}
    throw context ? serviceFailure(thrown, { step, context, redact: (text) => this.redact(text) }) : thrown
  }

  #attachTo(declared: Declared, context: SetUpContext): Promise<Config> {
    return attachToExisting<Config>(this.label, declared, {
      deadline: context.deadline,
      fromVariables: (scalars) => this.configFromVariables(scalars),
      verify: (config) => this.verify(config),
      makeTenant: (config) => this.onAttach(config, context),
    }).catch((thrown) => this.#fail(thrown, 'attached to'))
  }
}
