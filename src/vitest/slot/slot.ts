import type { Config } from '../../config/define-config.ts'
import { asError, hasCode } from '../../kernel/errors.ts'
import { type Needs, withNeeds } from '../../service/dependencies.ts'
import type { ExternalService } from '../../service/external-service.ts'
import { labelOf } from '../../service/label.ts'
import type { LogMark } from '../../service/log-slice.ts'
import { persistentLabels, persistentVariable } from '../../service/variables.ts'
import { joinedWith } from '../../session/declared-variables.ts'
import { environmentFrom, type Variables } from '../../session/environment.ts'
import { urlsOf } from '../../session/exported-variables.ts'
import { Session } from '../../session/session.ts'
import type { Deaths } from './deaths.ts'
import { declaredConfigs } from './declared-configs.ts'
import { evidenceOf } from './failure-evidence.ts'
import { idOf, methodsOf, type SlotView, viewOf } from './slot-view.ts'
import type { TestEnding, TestOutcome } from './test-outcome.ts'

type Service = ExternalService<object>

/** The services that somebody else holds, for slots to attach to. */
export interface SharedServices {
  isShared(name: string): boolean
  /** Brings the shared ones of these up, if they are not; gives the variables that declare them. */
  declare(names: readonly string[]): Promise<NodeJS.ProcessEnv>
  /** The instance itself, where this process holds it: only that knows how its process ended. */
  instanceOf(name: string): Service | undefined
}

export interface SlotOptions {
  readonly config: Config
  readonly prefix: string
  /** Where relative paths of the services' options start. */
  readonly directory: string
  readonly shared: SharedServices
  readonly deaths: Deaths
  /** Tells the reader of a config that is not there yet what to do. */
  readonly whenDown: string
  /** For each start, in milliseconds. */
  readonly timeoutMs?: number | undefined
}

/**
 * The services for tests that run one after the other: a tenant of each shared service, and an instance of its own of
 * every other. Each comes up when it is first wanted, is reset before each test that uses it, and stays until `close`.
 */
export class Slot {
  readonly options: SlotOptions
  /** One object per service for good: whoever asks for it before it is up may keep it. */
  readonly #services = new Map<string, Service>()
  /** What the services attach to: known when something comes up. */
  readonly #declared: NodeJS.ProcessEnv = {}
  readonly #failures = new Map<string, Error>()
  /** For each test that runs, the services that stand ready for it, and where their logs were then. */
  readonly #tests = new Map<string, Map<string, LogMark>>()
  /** The configs of the dead instances that this slot has told of. */
  readonly #known = new WeakSet<object>()
  #session: Session | undefined
  /** The names of what was up when the last file ended. */
  readonly #stale = new Set<string>()
  /** Whether a test of the file that runs has asked for a reset. */
  #isReset = false
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: SlotOptions) {
    this.options = options
  }

  service(name: string): Service {
    const service = this.#services.get(name) ?? this.#create(name)
    this.#services.set(name, service)
    return service
  }

  /** The names of what is up. */
  get up(): string[] {
    return [...(this.#session?.services.keys() ?? [])].filter((name) => this.#isUp(name))
  }

  /** Changes when something has come up or gone. */
  get version(): string {
    return this.up.map((name) => `${name}:${idOf(this.service(name).serviceConfig)}`).join()
  }

  get view(): SlotView {
    const views = Object.keys(this.options.config.services).map(
      (name) => [name, viewOf(this.service(name), this.#isUp(name))] as const,
    )
    return { version: this.version, variables: this.#variables, services: Object.fromEntries(views) }
  }

  /**
   * Brings a service up, with what it needs. One that failed to come up fails for every test in the same way.
   *
   * @throws what `Session.enter` throws
   */
  setUp(name: string, timeoutMs?: number): Promise<void> {
    return this.#inTurn(() => this.#blaming(() => this.#bringUp([name], { timeoutMs })))
  }

  /**
   * A test file begins: what the file before has left is reset, so that it does not matter which file that was. What
   * cannot be reset is told to the test that uses it.
   */
  beginFile(): Promise<void> {
    this.#isReset = false
    return this.#inTurn(async () => {
      const names = this.up.filter((name) => this.#stale.delete(name))
      if (names.length > 0) await this.#session?.reset({ only: names }).catch(() => {})
    })
  }

  /** A test file has ended: gives the names of what was written to, if no test of the file asked for a reset. */
  async endFile(): Promise<string[]> {
    for (const name of this.up) this.#stale.add(name)
    if (this.#isReset) return []
    const looks = this.up.map(async (name) => ((await this.service(name).hasChanges()) ? [name] : []))
    return (await Promise.all(looks)).flat()
  }

  /** A test begins: what has died before is not its fault. */
  async begin(test: string): Promise<void> {
    this.#tests.set(test, new Map())
    for (const { config, error } of await this.#news()) this.options.deaths.see(config, error)
  }

  /**
   * Makes services ready for a test: brings them up, and resets each, with all that it needs, once for the test.
   *
   * @throws what `Session.enter` and `Session.reset` throw
   */
  prepare(test: string, names: readonly string[]): Promise<void> {
    this.#isReset = true
    return this.#inTurn(async () => {
      if (!this.#tests.has(test)) await this.begin(test)
      const begun = this.#tests.get(test) ?? new Map<string, LogMark>()
      await this.#blaming(() => this.#prepare(begun, names))
    })
  }

  /** A test has ended, with its own hooks and fixtures. */
  async end(test: string, { title, isFailed, isToFail }: TestOutcome): Promise<TestEnding> {
    const begun = this.#tests.get(test) ?? new Map<string, LogMark>()
    this.#tests.delete(test)
    const deaths = await this.#news()
    for (const { config, error } of deaths) this.options.deaths[isToFail ? 'see' : 'blame'](config, error)
    if (isToFail) return { errors: [], evidence: [] }
    const leftOpen = await this.#leftOpen(begun.keys())
    const errors = [...deaths.map(({ error }) => error), ...leftOpen]
    const evidence = isFailed || errors.length > 0 ? await this.#evidence(begun, title) : []
    return { errors, evidence }
  }

  /** Calls a method of a service by its name. */
  async call(name: string, method: string, args: readonly unknown[]): Promise<unknown> {
    const service = this.service(name)
    const own = methodsOf(service).includes(method) ? Reflect.get(service, method) : undefined
    if (typeof own !== 'function') throw new TypeError(`${service.label} has no method "${method}"`)
    return Reflect.apply(own, service, args)
  }

  /** Cleans these up, and what needs them, if they are up: they come up anew when they are wanted. */
  drop(names: Iterable<string>): Promise<void> {
    return this.#inTurn(async () => {
      this.#failures.clear()
      const up = [...names].filter((name) => this.#isUp(name))
      if (up.length > 0) await this.#session?.cleanUp({ only: up })
    })
  }

  /** Notices what died unseen, and cleans everything up; the slot can be used again. */
  async close(): Promise<void> {
    for (const { config, error } of await this.#news()) this.options.deaths.see(config, error)
    const session = this.#session
    this.#session = undefined
    this.#failures.clear()
    await session?.end()
  }

  async #prepare(begun: Map<string, LogMark>, names: readonly string[]): Promise<void> {
    await this.#bringUp(names, { begun })
    const due = [...withNeeds(this.#needs, names)].filter((name) => !begun.has(name))
    await this.#session?.reset({ only: due })
    for (const name of due) begun.set(name, this.service(name).logMark())
  }

  async #bringUp(
    names: readonly string[],
    { begun, timeoutMs }: { begun?: ReadonlyMap<string, unknown>; timeoutMs?: number | undefined },
  ): Promise<void> {
    const wanted = [...withNeeds(this.#needs, names)]
    for (const name of wanted) await this.#requireLiving(name)
    const missing = wanted.filter((name) => !this.#isUp(name))
    if (missing.length === 0) return
    // What comes up finds what it needs as pristine as every test does.
    const stale = wanted.filter((name) => this.#isUp(name) && !begun?.has(name))
    if (stale.length > 0) await this.#session?.reset({ only: stale })
    for (const name of missing) await this.#enter(name, timeoutMs)
  }

  async #enter(name: string, timeoutMs = this.options.timeoutMs): Promise<void> {
    const failure = this.#failures.get(name)
    if (failure) throw failure
    const { shared } = this.options
    const all = [...withNeeds(this.#needs, [name])]
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

  /** A service of this slot alone that has died is cleaned up, to be started anew; its death has been told. */
  async #requireLiving(name: string): Promise<void> {
    const death = this.#isUp(name) ? await this.#deathOf(name) : undefined
    if (!death) return
    this.options.deaths.see(death.config, death.error)
    if (this.options.shared.isShared(name) || this.#needs.get(name)?.length === 0) throw death.error
    await this.#session?.cleanUp({ only: [name] })
  }

  /** What is found dead while a test is being prepared fails that test. */
  async #blaming(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (thrown) {
      for (const { config, error } of await this.#deaths()) {
        this.#known.add(config)
        this.options.deaths.blame(config, error)
      }
      throw thrown
    }
  }

  /** The deaths that this slot has not told of yet. */
  async #news(): Promise<Death[]> {
    const news = (await this.#deaths()).filter(({ config }) => !this.#known.has(config))
    for (const { config } of news) this.#known.add(config)
    return news
  }

  async #deaths(): Promise<Death[]> {
    const deaths = await Promise.all(this.up.map((name) => this.#deathOf(name)))
    return deaths.filter((death) => death !== undefined)
  }

  async #deathOf(name: string): Promise<Death | undefined> {
    const instance = this.options.shared.instanceOf(name) ?? this.service(name)
    if (!hasConfig(instance)) return undefined
    const error = await instance.checkLiving().then(() => undefined, asError)
    return error && { config: instance.serviceConfig, error }
  }

  /** A service that a test has killed, or stopped, is the news of whoever wants it next. */
  async #leftOpen(names: Iterable<string>): Promise<Error[]> {
    const asked = [...names].filter((name) => this.#isUp(name)).map((name) => this.service(name).checkLeftOpen())
    const answers = await Promise.all(asked.map((answer) => answer.then(() => undefined, asError)))
    return answers.filter((error) => error !== undefined).filter((error) => hasCode(error, 'ERR_STATE'))
  }

  async #evidence(begun: ReadonlyMap<string, LogMark>, title: string): Promise<string[]> {
    const told = [...begun].map(([name, since]) => evidenceOf(this.service(name), { since, title }))
    return (await Promise.all(told)).filter((text) => text !== undefined)
  }

  get #variables(): Variables {
    const { config, prefix } = this.options
    const up = this.up.map((name) => [name, this.service(name)] as const)
    const declared = declaredConfigs(config, prefix, this.#declared)
    const configs = Object.fromEntries(up.map(([name, { serviceConfig }]) => [name, serviceConfig]))
    const made = environmentFrom(config.environment, { ...declared, ...configs })
    const labels = new Set([...(persistentLabels(this.#declared, prefix) ?? []), ...up.map(([, { label }]) => label)])
    const list = labels.size > 0 ? { [persistentVariable(prefix)]: [...labels].join(',') } : {}
    const urls = joinedWith(this.#declared, urlsOf({ services: new Map(up), prefix }))
    return Object.assign({}, ...up.map(([, { variables }]) => variables), list, urls, made)
  }

  #open(): Session {
    const { config, prefix, directory } = this.options
    const definitions = Object.entries(config.services)
    const services = definitions.map(([name, one]) => [name, { ...one, create: () => this.service(name) }] as const)
    return new Session({ services: Object.fromEntries(services), prefix, directory })
  }

  #create(name: string): Service {
    const { config, prefix, directory, whenDown, shared } = this.options
    const whenGone = shared.instanceOf(name) && 'it belongs to this run: start Vitest again'
    const definition = config.services[name]
    if (definition === undefined) throw new TypeError(`there is no service "${name}"`)
    const environment = this.#declared
    return definition.create({ label: labelOf(name), prefix, directory, environment, whenDown, whenGone })
  }

  /** A test may have cleaned up what the session has set up. */
  #isUp(name: string): boolean {
    return this.#session?.services.has(name) === true && hasConfig(this.service(name))
  }

  /** A shared instance has what it needs already. */
  get #needs(): Needs {
    const { config, shared } = this.options
    const definitions = Object.entries(config.services)
    return new Map(definitions.map(([name, { needs }]) => [name, shared.isShared(name) ? [] : needs]))
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => {})
    return done
  }
}

function hasConfig(service: Service): boolean {
  try {
    return service.serviceConfig !== undefined
  } catch (thrown) {
    if (hasCode(thrown, 'ERR_STATE')) return false
    throw thrown
  }
}

interface Death {
  /** The config of the instance, which no other instance has. */
  readonly config: object
  readonly error: Error
}
