import { asError } from '../../kernel/errors.ts'
import type { Deaths } from './deaths.ts'
import { hasConfig, type SlotServices } from './slot-services.ts'

interface Death {
  /** Config object of the instance; each set-up makes a new object. */
  readonly config: object
  readonly error: Error
}

/** Notices the deaths of a slot's services, and reports each of them once. */
export class DeathWatch {
  readonly #services: SlotServices
  readonly #deaths: Deaths
  /** Configs of the dead instances that have been reported. */
  readonly #known = new WeakSet<object>()

  constructor(services: SlotServices, deaths: Deaths) {
    this.#services = services
    this.#deaths = deaths
  }

  /** Records the deaths since the last look, without blaming a test. */
  async see(): Promise<void> {
    for (const { config, error } of await this.#news()) this.#deaths.see(config, error)
  }

  /** Returns the errors of the deaths since the last look; the present test fails with these errors. */
  async blame(): Promise<Error[]> {
    const news = await this.#news()
    for (const { config, error } of news) this.#deaths.blame(config, error)
    return news.map(({ error }) => error)
  }

  /** Does work for a test. If the work throws, all deaths count as reported, since the test fails. */
  async blaming(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (thrown) {
      for (const { config, error } of await this.#look()) {
        this.#known.add(config)
        this.#deaths.blame(config, error)
      }
      throw thrown
    }
  }

  /** Cleans a dead service up, to be started anew. @throws ERR_SERVICE_DIED for a service that is not restartable */
  async requireLiving(name: string): Promise<void> {
    const death = this.#services.isUp(name) ? await this.#deathOf(name) : undefined
    if (!death) return
    this.#deaths.see(death.config, death.error)
    if (!this.#services.isRestartable(name)) throw death.error
    await this.#services.drop([name])
  }

  async #news(): Promise<Death[]> {
    const news = (await this.#look()).filter(({ config }) => !this.#known.has(config))
    for (const { config } of news) this.#known.add(config)
    return news
  }

  async #look(): Promise<Death[]> {
    const deaths = await Promise.all(this.#services.up.map((name) => this.#deathOf(name)))
    return deaths.filter((death) => death !== undefined)
  }

  async #deathOf(name: string): Promise<Death | undefined> {
    const instance = this.#services.instanceOf(name)
    if (!hasConfig(instance)) return undefined
    const error = await instance.checkLiving().then(() => undefined, asError)
    return error && { config: instance.serviceConfig, error }
  }
}
