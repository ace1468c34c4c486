import type { Config } from '../config/define-config.ts'
import { ConfigError } from '../kernel/errors.ts'
import type { ServiceDefinition } from '../service/definition.ts'
import type { ExternalService } from '../service/external-service.ts'
import type { TestRecord } from './test-record.ts'
import { WorkerServices } from './worker-services.ts'

/** What a service of `useService` needs: handed over, else the worker's own of the config that it stands in. */
export class NeededServices {
  readonly #label: string
  readonly #given: Readonly<Record<string, ExternalService<object>>>
  readonly #missing: readonly string[]
  #services: WorkerServices | undefined

  constructor(
    { needs }: ServiceDefinition,
    label: string,
    given: Readonly<Record<string, ExternalService<object>>> = {},
  ) {
    this.#label = label
    this.#given = given
    this.#missing = needs.filter((name) => !given[name])
  }

  /**
   * Brings up what was not handed over; gives the configs of all.
   *
   * @throws ERR_CONFIG naming what is missing, where there is no config
   */
  async setUp(config: Config | undefined): Promise<Readonly<Record<string, object>>> {
    const configs = Object.entries(this.#given).map(([name, { serviceConfig }]) => [name, serviceConfig] as const)
    if (this.#missing.length === 0) return Object.fromEntries(configs)
    this.#services = this.#servicesOf(config)
    this.#services.join()
    for (const name of this.#missing) configs.push([name, (await this.#services.setUp(name)).serviceConfig])
    return Object.fromEntries(configs)
  }

  /** Resets what was not handed over, unless it has been for this test. */
  async prepare(record: TestRecord): Promise<void> {
    for (const name of this.#missing) await this.#services?.prepare(name, record)
  }

  async leave(): Promise<void> {
    const services = this.#services
    this.#services = undefined
    await services?.leave()
  }

  #servicesOf(config: Config | undefined): WorkerServices {
    if (config) return WorkerServices.of(config)
    const [missing = ''] = this.#missing
    throw new ConfigError(
      `useService: ${this.#label} needs ${missing}, which is to be handed over: useService(…, { needs: { ${missing} } })`,
    )
  }
}
