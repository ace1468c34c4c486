import type { Config } from '../config/define-config.ts'
import { ConfigError } from '../kernel/errors.ts'
import type { ServiceDefinition } from '../service/definition.ts'
import type { ExternalService } from '../service/external-service.ts'
import { labelOf } from '../service/label.ts'
import type { TestRecord } from './test-record.ts'
import { shownService } from './worker-environment.ts'
import { type Leave, WorkerServices } from './worker-services.ts'

type Service = ExternalService<object>

interface Sources {
  /** What was handed over. */
  readonly given?: Readonly<Record<string, Service>> | undefined
  /** The config that the one with the needs stands in. */
  readonly config: Config | undefined
}

/**
 * What a service of `useService` needs: handed over, else the one of its config that `process.env` names at that time,
 * else the worker's own.
 */
export class NeededServices {
  readonly #label: string
  readonly #given: Readonly<Record<string, Service>>
  readonly #missing: readonly string[]
  readonly #services: WorkerServices | undefined
  /** Those of the missing that are the worker's own. */
  #workers: readonly string[] = []
  #leave: Leave | undefined

  constructor({ needs }: ServiceDefinition, label: string, { given = {}, config }: Sources) {
    this.#label = label
    this.#given = given
    this.#missing = needs.filter((name) => !given[name])
    this.#services = config && WorkerServices.of(config)
  }

  /**
   * Brings up what is not up yet; gives the configs of all.
   *
   * @throws ERR_CONFIG naming what is missing, where there is no config
   */
  async setUp(): Promise<Readonly<Record<string, object>>> {
    const needed = { ...this.#given }
    if (this.#missing.length > 0) Object.assign(needed, await this.#setUpMissing(this.#requireServices()))
    return Object.fromEntries(Object.entries(needed).map(([name, { serviceConfig }]) => [name, serviceConfig]))
  }

  /** Resets those of the worker, unless they have been for this test; the others have hooks of their own. */
  async prepare(record: TestRecord): Promise<void> {
    for (const name of this.#workers) await this.#services?.prepare(name, record)
  }

  async leave(): Promise<void> {
    await this.#leave?.()
  }

  async #setUpMissing(services: WorkerServices): Promise<Readonly<Record<string, Service>>> {
    const shown = this.#missing.map((name) => [name, shownService(services.config, labelOf(name))] as const)
    this.#workers = shown.flatMap(([name, one]) => (one && one !== services.service(name) ? [] : [name]))
    this.#leave = services.join()
    for (const name of this.#workers) await services.setUp(name)
    return Object.fromEntries(shown.map(([name, one]) => [name, one ?? services.service(name)]))
  }

  #requireServices(): WorkerServices {
    if (this.#services) return this.#services
    const [missing = ''] = this.#missing
    throw new ConfigError(
      `useService: ${this.#label} needs ${missing}, which is to be handed over: useService(…, { needs: { ${missing} } })`,
    )
  }
}
