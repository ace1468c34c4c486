import { asError, hasCode } from '../../kernel/errors.ts'
import { Turns } from '../../kernel/turns.ts'
import type { ExternalService } from '../../service/external-service.ts'
import { type LogPosition, logPositionOf } from '../../service/instance/log-excerpt.ts'
import { DeathWatch } from './death-watch.ts'
import type { Deaths } from './deaths.ts'
import { evidenceOf } from './failure-evidence.ts'
import { LateStarts } from './late-start.ts'
import { SlotServices, type SlotServicesOptions } from './slot-services.ts'
import { methodsOf } from './slot-view.ts'
import type { TestEnding, TestOutcome } from './test-outcome.ts'

export interface SlotOptions extends SlotServicesOptions {
  /** Deaths in all slots of the run. */
  readonly deaths: Deaths
}

/** Services that are ready for a test, by name, with the ends of the logs at the beginning of the test. */
type Begun = Map<string, LogPosition>

/**
 * The services for sequential tests. A service comes up at the first use, is reset before each test with the service,
 * and stays until `close`.
 */
export class Slot {
  readonly services: SlotServices
  readonly #watch: DeathWatch
  readonly #starts = new LateStarts()
  readonly #tests = new Map<string, Begun>()
  #hasBegun = false
  /** Whether a test of the present file has asked for a reset. */
  #isReset = false
  readonly #turns = new Turns()

  constructor({ deaths, ...options }: SlotOptions) {
    this.services = new SlotServices(options)
    this.#watch = new DeathWatch(this.services, deaths)
  }

  service(name: string): ExternalService<object> {
    return this.services.get(name)
  }

  /** Names of the services that are up. */
  get up(): string[] {
    return this.services.up
  }

  /** Brings a service up, with its needs. @throws the errors of `SlotServices.enter`, and ERR_SERVICE_DIED */
  setUp(name: string, timeoutMs?: number): Promise<void> {
    return this.#turns.do(() => this.#watch.blaming(() => this.#bringUp([name], { timeoutMs })))
  }

  /**
   * Called when a test file begins. Resets the services that an earlier file can have used, so that the order of files
   * does not matter. An earlier file need not have ended: its worker may have been killed. Ignores failures: the next
   * test with the service gets the error.
   */
  beginFile(): Promise<void> {
    this.#isReset = false
    const isFirst = !this.#hasBegun
    this.#hasBegun = true
    return this.#turns.do(() => this.services.reset(isFirst ? [] : this.up).catch(() => {}))
  }

  /**
   * Called at the end of a test file. Returns the names of the changed services, if no test of the file asked for a
   * reset.
   */
  async endFile(): Promise<string[]> {
    if (this.#isReset) return []
    // A server that does not answer has died; deaths are reported elsewhere.
    const looks = this.up.map(async (name) => ({ name, isChanged: await this.service(name).hasChanges() }))
    const told = await Promise.allSettled(looks)
    return told.flatMap((look) => (look.status === 'fulfilled' && look.value.isChanged ? [look.value.name] : []))
  }

  /** Called at the beginning of a test. Records earlier deaths, so that the test is not blamed for them. */
  async begin(test: string): Promise<void> {
    this.#tests.set(test, new Map())
    await this.#watch.see()
  }

  /**
   * Makes services ready for a test: brings the services and their needs up, and resets each once for the test.
   *
   * @throws the errors of `SlotServices.enter` and `SlotServices.reset`, and ERR_SERVICE_DIED
   */
  prepare(test: string, names: readonly string[]): Promise<void> {
    this.#isReset = true
    return this.#turns.do(async () => {
      if (!this.#tests.has(test)) await this.begin(test)
      await this.#watch.blaming(() => this.#prepare(this.#tests.get(test) ?? new Map(), names))
    })
  }

  /** Called at the end of a test, after its hooks and fixtures. */
  async end(test: string, { title, isFailed, isToFail }: TestOutcome): Promise<TestEnding> {
    const begun: Begun = this.#tests.get(test) ?? new Map()
    this.#tests.delete(test)
    if (isToFail) {
      await this.#watch.see()
      return { errors: [], evidence: [] }
    }
    const late = isFailed ? this.#starts.errors() : []
    const errors = [...(await this.#watch.blame()), ...(await this.#leftOpen(begun.keys())), ...late]
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

  /** Cleans up the named services and all services that need a cleaned service. The next use starts a service again. */
  drop(names: Iterable<string>): Promise<void> {
    return this.#turns.do(() => this.services.drop(names))
  }

  /** Records unnoticed deaths, and cleans all services up. The slot can be used again. */
  async close(): Promise<void> {
    await this.#watch.see()
    await this.services.close()
  }

  async #prepare(begun: Begun, names: readonly string[]): Promise<void> {
    await this.#bringUp(names, { begun })
    const due = this.services.withNeeds(names).filter((name) => !begun.has(name))
    await this.services.reset(due)
    for (const name of due) begun.set(name, logPositionOf(this.service(name)))
  }

  async #bringUp(
    names: readonly string[],
    { begun, timeoutMs }: { begun?: Begun; timeoutMs?: number | undefined },
  ): Promise<void> {
    const wanted = this.services.withNeeds(names)
    for (const name of wanted) await this.#watch.requireLiving(name)
    const missing = wanted.filter((name) => !this.services.isUp(name))
    if (missing.length === 0) return
    // A service starts on pristine needs, as every test does.
    await this.services.reset(wanted.filter((name) => this.services.isUp(name) && !begun?.has(name)))
    for (const name of missing) await this.#starts.watch(this.service(name), this.services.enter(name, timeoutMs))
  }

  /** Returns the errors about connections that a test has left open. Deaths are reported elsewhere. */
  async #leftOpen(names: Iterable<string>): Promise<Error[]> {
    const up = [...names].filter((name) => this.services.isUp(name))
    const asked = up.map((name) => this.service(name).checkLeftOpen())
    const answers = await Promise.all(asked.map((answer) => answer.then(() => undefined, asError)))
    return answers.filter((error) => error !== undefined).filter((error) => hasCode(error, 'ERR_STATE'))
  }

  async #evidence(begun: Begun, title: string): Promise<string[]> {
    const told = [...begun].map(([name, since]) => evidenceOf(this.service(name), { since, title }))
    return (await Promise.all(told)).filter((text) => text !== undefined)
  }
}
