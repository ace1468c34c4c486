import { type Config, configOf } from '../config/define-config.ts'
import type { ServiceDefinition } from '../service/definition.ts'
import type { ExternalService } from '../service/external-service.ts'
import { labelOf } from '../service/label.ts'
import { OwnService } from './own-service.ts'
import { readRunContext } from './run-context.ts'
import type { TestRecord } from './test-record.ts'
import type { UseServiceOptions } from './use-service-options.ts'
import { type Leave, WorkerServices } from './worker-services.ts'

/** What the hooks of `useService` do. */
export interface UsedService {
  readonly service: ExternalService<object>
  setUp(): Promise<void>
  reset(record: TestRecord): Promise<void>
  cleanUp(): Promise<void>
}

/**
 * The worker's own service of the config that the definition stands in, which its fixture gives too; else one that only
 * this use of it has.
 *
 * @throws ERR_CONFIG for a definition without a name and without a `label`
 */
export function createUsedService(definition: ServiceDefinition, options: UseServiceOptions): UsedService {
  const config = configOf(definition)
  const { name = '' } = definition
  return config && isOfWorker(name, config, options)
    ? new ServiceOfWorker(WorkerServices.of(config), name, options)
    : new OwnService(definition, options)
}

function isOfWorker(name: string, config: Config, { instance, label, prefix, needs }: UseServiceOptions): boolean {
  const isNamedOtherwise = label !== undefined && label !== labelOf(name)
  const hasOtherPrefix = prefix !== undefined && prefix !== readRunContext(config.prefix).prefix
  return instance !== 'unique' && !isNamedOtherwise && !hasOtherPrefix && needs === undefined
}

class ServiceOfWorker implements UsedService {
  readonly service: ExternalService<object>
  readonly #services: WorkerServices
  readonly #name: string
  readonly #options: UseServiceOptions
  #leave: Leave | undefined

  constructor(services: WorkerServices, name: string, options: UseServiceOptions) {
    this.service = services.service(name)
    this.#services = services
    this.#name = name
    this.#options = options
  }

  async setUp(): Promise<void> {
    this.#leave = this.#services.join()
    await this.#services.setUp(this.#name, this.#options)
  }

  async reset(record: TestRecord): Promise<void> {
    await this.#services.prepare(this.#name, record)
  }

  async cleanUp(): Promise<void> {
    await this.#leave?.()
  }
}
