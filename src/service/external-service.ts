import { writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CleanUpStack } from '../kernel/cleanup-stack.ts'
import { Deadline } from '../kernel/deadline.ts'
import { asError, combineErrors, StateError } from '../kernel/errors.ts'
import { Redactor } from '../kernel/redactor.ts'
import { LogFile } from '../process/log-file.ts'
import { acquireRun, releaseRun } from '../run/run.ts'
import { attachError, type Declared, readDeclared } from './existing.ts'
import { Instance, type InstanceMode, type Progress } from './instance.ts'
import { secretsIn } from './secrets.ts'
import { defaultPrefix, type InstanceFiles, serviceVariables } from './variables.ts'

/** One deadline for the whole start of a service, unless told otherwise. */
export const defaultTimeoutMs = 60_000

export interface SetUpOptions {
  /** Attach to the running instance that `LP_<LABEL>_*` names, with a slice of its own. Default: false. */
  readonly useExisting?: boolean | undefined
  /** `false`: the configured instance of the profile. Default: true, an instance that nobody else has. */
  readonly uniqueInstance?: boolean | undefined
  /** Gives up, undoes everything, and throws. */
  readonly signal?: AbortSignal | undefined
  /** Skips the graces, once it fires, while a set-up that fails is undone. */
  readonly hurry?: AbortSignal | undefined
  /** For the whole start, in milliseconds. Default: 60,000. */
  readonly timeoutMs?: number | undefined
  /** The configs of the services that this one needs, by name. */
  readonly needs?: Readonly<Record<string, object>> | undefined
  /** Hears how far it has come, from a service that says so. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

export interface ServiceInit {
  /** `[A-Z][A-Z0-9_]*`: names the variables. */
  readonly label: string
  /** Of the variables' names. Default: `LP`. */
  readonly prefix?: string | undefined
  /** Where `LP_<LABEL>_*` are read from. Default: `process.env`. */
  readonly environment?: NodeJS.ProcessEnv | undefined
  /** Where relative paths start. Default: the present directory. */
  readonly directory?: string | undefined
  /** What the chosen profile says of the configured instance. */
  readonly profile?: Readonly<Record<string, unknown>> | undefined
}

type Phase = 'down' | 'starting' | 'up' | 'stopping'

/**
 * What a test talks to: a fixture for one external service.
 *
 * A subclass says how to start, attach, check, reset; the order of things, the undoing and the record are here.
 *
 * @see https://lists.launchpad.net/launchpad-dev/msg03033.html the proposal that this descends from
 */
export abstract class ExternalService<Config extends object> implements AsyncDisposable {
  readonly label: string
  protected readonly prefix: string
  /** Where relative paths of the options start. */
  protected readonly directory: string
  protected readonly profile: Readonly<Record<string, unknown>>
  readonly #environment: NodeJS.ProcessEnv
  #phase: Phase = 'down'
  #config: Config | undefined
  #instance: Instance | undefined
  /** What the variables say of the instance that this is a slice of. */
  #declared: Declared | undefined
  readonly #cleanUps = new CleanUpStack()
  #starting: Promise<void> | undefined
  #resetting: Promise<void> | undefined
  #stopping: Promise<void> | undefined
  #giveUp = new AbortController()
  #hurry = new AbortController()

  constructor(init: ServiceInit) {
    this.label = init.label
    this.prefix = init.prefix ?? defaultPrefix
    this.#environment = init.environment ?? process.env
    this.directory = init.directory ?? process.cwd()
    this.profile = init.profile ?? {}
  }

  /** Starts the service in this instance, waits until it is ready, and gives its config. */
  protected abstract start(instance: Instance): Promise<Config>

  /** Makes a slice of a running instance, and gives the slice's config. Default: no slice, the instance is shared whole. */
  protected async attach(existing: Config, _instance: Instance): Promise<Config> {
    return existing
  }

  /** The config of an instance that is known only by variables set by hand. */
  protected abstract configFromVariables(scalars: Readonly<Record<string, string>>): Config

  /** Throws, naming what died, when and how, unless the service is running and answers. */
  protected abstract verify(config: Config): Promise<void>

  /** Makes the service, or the slice, as it was after `setUp`. It has been verified just before. */
  protected abstract restore(config: Config): Promise<void>

  /** The main process, whose pid `LP_<LABEL>_PIDFILE` holds; `undefined` where there is none of ours. */
  get pid(): number | undefined {
    return undefined
  }

  /**
   * The config fragment of this instance.
   *
   * @throws ERR_STATE before `setUp` and after `cleanUp`
   */
  get serviceConfig(): Config {
    if (this.#config) return this.#config
    throw new StateError(`${this.label} has no config while it is ${this.#phase}: call setUp() and await it first`)
  }

  /** What of the config is for nobody's eyes. */
  protected get secrets(): string[] {
    return this.#config ? secretsIn(this.#config) : []
  }

  /** Text about it for people, without what of the config is for nobody's eyes. */
  redact(text: string): string {
    return new Redactor(this.secrets).apply(text)
  }

  /** `LP_<LABEL>_*` of this instance, for other processes. */
  get variables(): Record<string, string> {
    return serviceVariables(this.prefix, this.label, this.serviceConfig, this.files)
  }

  /** The log of this instance, or of the running one that this is a slice of. */
  get log(): LogFile {
    return new LogFile(this.files.logFile)
  }

  /**
   * Where the instance keeps its config, its pid and its log. A slice has a config and a holder of its own; pid and log
   * are those of the running instance, as its variables tell.
   */
  get files(): InstanceFiles {
    if (!this.#instance) throw new StateError(`${this.label} has no files while it is ${this.#phase}`)
    const { directory, logFile } = this.#instance
    const { pidFile = join(directory, 'service.pid'), logFile: declaredLog = logFile } = this.#declared ?? {}
    return { controlPid: process.pid, configFile: join(directory, 'config.json'), pidFile, logFile: declaredLog }
  }

  /**
   * Brings the service up and waits until it is ready. Calling it again while it is up, or coming up, changes nothing.
   *
   * @throws ERR_START, ERR_NOT_READY, ERR_MISSING_BINARY, ERR_ATTACH, ERR_PORT_TAKEN, ERR_CANCELED; everything that
   * was made is undone first, and failures of that follow in an `AggregateError`
   */
  async setUp(options: SetUpOptions = {}): Promise<void> {
    if (this.#phase === 'down' || this.#phase === 'stopping') {
      // Before anything is awaited: a cleanUp that follows at once must see it.
      this.#phase = 'starting'
      this.#giveUp = new AbortController()
      this.#starting = this.#bringUp(options)
    }
    await this.#starting
  }

  /** @throws ERR_SERVICE_DIED or ERR_NOT_ANSWERING with the exit status and the last lines of the log; ERR_STATE */
  async check(): Promise<void> {
    await this.verify(this.serviceConfig)
  }

  /** Back to the state after `setUp`. A dead service is an error, never restarted in silence. */
  async reset(): Promise<void> {
    this.#resetting ??= this.#reset().finally(() => {
      this.#resetting = undefined
    })
    await this.#resetting
  }

  async #reset(): Promise<void> {
    await this.check()
    await this.restore(this.serviceConfig)
  }

  /**
   * Stops the service and removes all that `setUp` made; of an attached instance, the own slice. Harmless when repeated.
   *
   * @param hurry skips the graces once it fires: everything is killed at once
   * @throws ERR_LEFT_BEHIND naming what could not be removed
   */
  async cleanUp(hurry?: AbortSignal): Promise<void> {
    this.#hurryBy(hurry)
    if (this.#phase === 'starting') {
      this.#giveUp.abort()
      // The caller of setUp gets that error.
      await this.#starting?.catch(() => {})
    }
    if (this.#phase === 'up') {
      this.#phase = 'stopping'
      this.#stopping = this.#bringDown()
    }
    if (this.#phase === 'stopping') await this.#stopping
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cleanUp()
  }

  /** Any caller can end the graces, also of a stop that is under way. */
  #hurryBy(signal: AbortSignal | undefined): void {
    if (signal?.aborted) this.#hurry.abort()
    signal?.addEventListener('abort', () => this.#hurry.abort(), { once: true, signal: this.#hurry.signal })
  }

  async #bringUp(options: SetUpOptions): Promise<void> {
    const signal = AbortSignal.any([this.#giveUp.signal, ...(options.signal ? [options.signal] : [])])
    const deadline = new Deadline(`setting up ${this.label}`, options.timeoutMs ?? defaultTimeoutMs, signal)
    // The caller of cleanUp gets its error.
    await this.#stopping?.catch(() => {})
    this.#hurry = new AbortController()
    this.#hurryBy(options.hurry)
    try {
      deadline.check()
      const instance = await this.#makeInstance(deadline, options)
      this.#config = await this.#fill(instance)
      this.#writeFiles(this.#config)
      deadline.check()
      this.#phase = 'up'
    } catch (thrown) {
      const cleanUpErrors = await this.#undo()
      this.#phase = 'down'
      throw combineErrors([asError(thrown), ...cleanUpErrors])
    }
  }

  async #makeInstance(deadline: Deadline, options: SetUpOptions): Promise<Instance> {
    const mode = modeOf(options)
    this.#declared = mode === 'attached' ? this.#readDeclared() : undefined
    const run = await acquireRun()
    this.#cleanUps.add(() => releaseRun(run))
    const { label } = this
    const profile = mode === 'configured' ? this.profile : {}
    const { needs = {}, onProgress } = options
    const hurry = this.#hurry.signal
    const instance = new Instance({ label, mode, run, deadline, profile, needs, onProgress, hurry })
    this.#instance = instance
    this.#cleanUps.add(() => rm(instance.directory, { recursive: true, force: true, maxRetries: 3 }))
    return instance
  }

  async #fill(instance: Instance): Promise<Config> {
    if (!this.#declared) return this.start(instance)
    const existing = this.#existingConfig(this.#declared)
    try {
      await instance.deadline.race(() => this.verify(existing))
    } catch (thrown) {
      instance.deadline.check()
      const [why = ''] = asError(thrown).message.split('\n')
      throw attachError(this, why, thrown)
    }
    return this.attach(existing, instance)
  }

  #writeFiles(config: Config): void {
    const { pidFile, configFile } = this.files
    writeFileSync(configFile, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 })
    if (this.pid !== undefined) writeFileSync(pidFile, `${this.pid}\n`, { mode: 0o600 })
  }

  #readDeclared(): Declared {
    return readDeclared({ prefix: this.prefix, label: this.label, environment: this.#environment })
  }

  #existingConfig({ config, scalars }: Declared): Config {
    if (config !== undefined) return config as Config
    try {
      return this.configFromVariables(scalars)
    } catch (thrown) {
      throw attachError(this, `its variables make no sense (${asError(thrown).message})`, thrown)
    }
  }

  async #bringDown(): Promise<void> {
    const errors = await this.#undo()
    if (this.#phase === 'stopping') this.#phase = 'down'
    if (errors.length > 0) throw combineErrors(errors)
  }

  async #undo(): Promise<Error[]> {
    const instance = this.#instance
    this.#config = undefined
    const errors = (await instance?.undo(this.#hurry.signal)) ?? []
    errors.push(...(await this.#cleanUps.run()))
    this.#instance = undefined
    this.#declared = undefined
    return errors
  }
}

function modeOf({ useExisting, uniqueInstance }: SetUpOptions): InstanceMode {
  if (useExisting) return 'attached'
  return uniqueInstance === false ? 'configured' : 'unique'
}
