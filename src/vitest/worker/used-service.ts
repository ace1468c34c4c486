import { type Config, configOf } from '../../config/define-config.ts'
import { ConfigError } from '../../kernel/errors.ts'
import type { ServiceDefinition } from '../../service/definition.ts'
import type { ExternalService } from '../../service/external-service.ts'
import { labelOf } from '../../service/options/label.ts'
import { readRunSettings } from '../client/run-settings.ts'
import type { Leave, TestSlot } from '../client/test-slot.ts'
import { DedicatedService } from './dedicated-service.ts'
import type { TestRecord } from './test-record.ts'
import type { UseServiceOptions } from './use-service-options.ts'
import { WorkerServices } from './worker-services.ts'

/** A service, with the work of the hooks that `useService` registers. */
export interface UsedService {
  readonly service: ExternalService<object>
  setUp(): Promise<void>
  reset(record: TestRecord): Promise<void>
  cleanUp(): Promise<void>
}

/**
 * Returns the service of the worker's slot for a definition of a config, unless the options ask for a different
 * service; else a service for this use alone.
 *
 * @throws ERR_CONFIG for a definition without a name and without a `label`; for `network` without `instance: 'unique'`
 */
export function createUsedService(definition: ServiceDefinition, options: UseServiceOptions): UsedService {
  const config = configOf(definition)
  const { name = '' } = definition
  if (options.network && options.instance !== 'unique')
    throw new ConfigError("useService(…, { network: true }) is for an instance of its own: add instance: 'unique'")
  return config && isOfSlot(name, config, options)
    ? new ServiceOfSlot(WorkerServices.of(config).slot, name, options)
    : new DedicatedService(definition, options)
}

function isOfSlot(name: string, config: Config, { instance, label, prefix, needs }: UseServiceOptions): boolean {
  const isNamedOtherwise = label !== undefined && label !== labelOf(name)
  const hasOtherPrefix = prefix !== undefined && prefix !== readRunSettings(config.prefix).prefix
  return instance !== 'unique' && !isNamedOtherwise && !hasOtherPrefix && needs === undefined
}

class ServiceOfSlot implements UsedService {
  readonly service: ExternalService<object>
  readonly #slot: TestSlot
  readonly #name: string
  readonly #options: UseServiceOptions
  #leave: Leave | undefined

  constructor(slot: TestSlot, name: string, options: UseServiceOptions) {
    this.service = slot.service(name)
    this.#slot = slot
    this.#name = name
    this.#options = options
  }

  async setUp(): Promise<void> {
    this.#leave = this.#slot.join()
    await this.#slot.setUp(this.#name, this.#options.timeoutMs)
  }

  async reset(record: TestRecord): Promise<void> {
    await record.prepare(this.#slot, [this.#name])
  }

  async cleanUp(): Promise<void> {
    await this.#leave?.()
  }
}
