import { removeTree } from '../host/remove-tree.ts'
import { keptLogs } from '../host/state-directory.ts'
import { CleanUpStack } from '../kernel/cleanup-stack.ts'
import type { Deadline } from '../kernel/deadline.ts'
import { asError, combineErrors, StateError } from '../kernel/errors.ts'
import { Redactor } from '../kernel/redactor.ts'
import { secretsIn } from '../kernel/secrets.ts'
import { LogFile } from '../process/log-file.ts'
import { acquireRun, releaseRun } from '../run/run.ts'
import { type Declaration, type Declared, existingConfig, notThere, readDeclared } from './instance/existing.ts'
import { filesOf, type InstanceFiles, writeFiles } from './instance/instance-files.ts'
import { endOfLog, entriesOf, type LogPosition, logExcerpt } from './instance/log-excerpt.ts'
import { SetUpContext } from './instance/set-up-context.ts'
import { defaultPrefix, serviceVariables } from './instance/variables.ts'
import { LifeCycle } from './life-cycle.ts'
import { ServiceHooks } from './service-hooks.ts'
import type { ServiceOptions } from './service-options.ts'
import { modeOf, type SessionSetUpOptions, type SetUpOptions } from './set-up-options.ts'
import { startFailure } from './start-failure.ts'

/**
 * A service that a test uses, such as a database server.
 *
 * A subclass implements the start, attachment, check and reset (`ServiceHooks`). The base class is responsible for
 * order, undoing and records.
 *
 * @see https://lists.launchpad.net/launchpad-dev/msg03033.html the proposal behind this design
 */
export abstract class ExternalService<Config extends object> extends ServiceHooks<Config> implements AsyncDisposable {
  readonly label: string
  protected readonly prefix: string
  /** Base of relative paths in the options. */
  protected readonly directory: string
  protected readonly profile: Readonly<Record<string, unknown>>
  readonly #environment: NodeJS.ProcessEnv
  readonly #whenDown: string
  readonly #whenGone: string | undefined
  readonly #lifeCycle: LifeCycle
  #config: Config | undefined
  #instance: SetUpContext | undefined
  /** Declaration of the running instance, if this service is a tenant of a running instance. */
  #declared: Declared | undefined
  readonly #cleanUps = new CleanUpStack()
  #resetting: Promise<void> | undefined

  constructor(init: ServiceOptions) {
    super()
    this.label = init.label
    this.prefix = init.prefix ?? defaultPrefix
    this.#environment = init.environment ?? process.env
    this.#whenGone = init.whenGone
    this.#whenDown = init.whenDown ?? 'call setUp() and await it first'
    this.directory = init.directory ?? process.cwd()
    this.profile = init.profile ?? {}
    this.#lifeCycle = new LifeCycle(this.label, {
      bringUp: (options, deadline) => this.#bringUp(options, deadline),
      bringDown: () => this.#bringDown(),
    })
  }

  /**
   * The config of this instance.
   *
   * @throws ERR_STATE before `setUp` and after `cleanUp`
   */
  get serviceConfig(): Config {
    if (this.#config) return this.#config
    throw new StateError(`${this.label} has no config while it is ${this.#lifeCycle.phase}: ${this.#whenDown}`)
  }

  /** Secret values in the configs of the service and its needs. */
  protected get secrets(): string[] {
    const own = secretsIn(this.#config ?? {}, ...Object.values(this.#instance?.needs ?? {}))
    return [...own, ...(this.#declared?.secrets ?? [])]
  }

  /** Removes secrets from a text for people. */
  redact(text: string): string {
    return new Redactor(this.secrets).apply(text)
  }

  /** `LP_<LABEL>_*` of the instance, for clients in a different process. */
  get variables(): Record<string, string> {
    return serviceVariables(this.prefix, this.label, this.serviceConfig, this.files)
  }

  /** The log of this instance. For a tenant: the log of the running instance. */
  get log(): LogFile {
    return new LogFile(this.files.logFile)
  }

  /** Position of the log's end at present: a mark for `logSince`. */
  logPosition(): LogPosition {
    return this.#instance ? endOfLog(this.log) : { logFile: '', position: 0 }
  }

  /**
   * Returns the server's log entries since the mark, without secrets. At most the last 16 KiB; a first line then tells
   * how much was left out, and names the file. After a new set-up, returns the whole new log. Returns no text for a
   * service that is down or has no log.
   */
  logSince(mark: LogPosition): string {
    return this.#instance ? logExcerpt(this.log, mark, (text) => this.redact(entriesOf(text, this.ownEntries))) : ''
  }

  /**
   * Files of the instance: config, pid and log. A tenant has a separate config and holder; pid and log belong to the
   * running instance, as declared by variables.
   */
  get files(): InstanceFiles {
    if (this.#instance) return filesOf(this.#instance, this.#declared)
    throw new StateError(`${this.label} has no files while it is ${this.#lifeCycle.phase}`)
  }

  /**
   * Starts the service and waits until it is ready. Repeated calls during the start, or afterwards, change nothing.
   *
   * @throws ERR_START (also for an error thrown by the fixture, which becomes the cause), ERR_NOT_READY,
   * ERR_MISSING_BINARY, ERR_ATTACH, ERR_PORT_TAKEN, ERR_CANCELED. Before throwing, all steps are undone; errors of the
   * undoing follow in an `AggregateError`
   */
  setUp(options: SetUpOptions = {}): Promise<void> {
    return this.#lifeCycle.setUp(options)
  }

  /** @throws ERR_SERVICE_DIED or ERR_NOT_ANSWERING with the exit status and the last lines of the log; ERR_STATE */
  async check(): Promise<void> {
    await this.verify(this.serviceConfig)
  }

  /** Restores the state after `setUp`. A dead service is an error, never silently restarted. */
  async reset(): Promise<void> {
    this.#resetting ??= this.#reset().finally(() => {
      this.#resetting = undefined
    })
    await this.#resetting
  }

  async #reset(): Promise<void> {
    await this.verifyBeforeReset(this.serviceConfig)
    await this.makePristine(this.serviceConfig)
  }

  /**
   * Stops the service and removes everything made by `setUp`. For an attached instance: removes the tenant. Harmless
   * when repeated.
   *
   * @param forceSignal skips the graces once fired: all processes are killed at once
   * @throws ERR_LEFT_BEHIND naming the processes and files that remain
   */
  cleanUp(forceSignal?: AbortSignal): Promise<void> {
    return this.#lifeCycle.cleanUp(forceSignal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cleanUp()
  }

  async #bringUp(options: SessionSetUpOptions, deadline: Deadline): Promise<void> {
    try {
      deadline.check()
      const instance = await this.#makeInstance(deadline, options)
      this.#config = await this.#fill(instance)
      writeFiles(this.files, this.#config, this.pid)
      deadline.check()
    } catch (thrown) {
      throw combineErrors([asError(thrown), ...(await this.#removeAll())])
    }
  }

  async #makeInstance(deadline: Deadline, options: SessionSetUpOptions): Promise<SetUpContext> {
    const mode = modeOf(options)
    this.#declared = mode === 'attached' ? readDeclared(this.#declaration) : undefined
    this.warmUp(mode)
    const run = await acquireRun()
    this.#cleanUps.add(() => releaseRun(run))
    const { label } = this
    const profile = mode === 'configured' ? this.profile : {}
    const { needs = {}, onProgress, onHealth, restarts, expectedClients } = options
    const { forceSignal } = this.#lifeCycle
    const hooks = { onProgress, onHealth, restarts, expectedClients, forceSignal }
    const instance = new SetUpContext({ label, mode, run, deadline, profile, needs, ...hooks })
    this.#instance = instance
    this.#cleanUps.add(() => removeTree(instance.directory))
    return instance
  }

  async #fill(instance: SetUpContext): Promise<Config> {
    if (!this.#declared) return this.#start(instance)
    const existing = existingConfig(this.#declaration, this.#declared, (scalars) => this.configFromVariables(scalars))
    try {
      await instance.deadline.race(() => this.verify(existing))
    } catch (thrown) {
      instance.deadline.check()
      throw notThere(this.#declaration, this.#declared, thrown)
    }
    return this.attach(existing, instance)
  }

  async #start(instance: SetUpContext): Promise<Config> {
    try {
      return await this.start(instance)
    } catch (thrown) {
      const { label, log } = this
      const logs = keptLogs(instance.run.stateDirectory)
      throw startFailure(thrown, { label, log, keptLogs: logs, redact: (text) => this.redact(text) })
    }
  }

  get #declaration(): Declaration {
    return { prefix: this.prefix, label: this.label, environment: this.#environment, whenGone: this.#whenGone }
  }

  async #bringDown(): Promise<void> {
    const errors = await this.#removeAll()
    if (errors.length > 0) throw combineErrors(errors)
  }

  async #removeAll(): Promise<Error[]> {
    const instance = this.#instance
    this.#config = undefined
    const errors = (await instance?.cleanUp(this.#lifeCycle.forceSignal)) ?? []
    errors.push(...(await this.#cleanUps.run()))
    this.#instance = undefined
    this.#declared = undefined
    return errors
  }
}
