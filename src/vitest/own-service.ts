import { type Config, configOf } from '../config/define-config.ts'
import { CleanUpStack } from '../kernel/cleanup-stack.ts'
import { ConfigError, combineErrors } from '../kernel/errors.ts'
import type { ServiceDefinition } from '../service/definition.ts'
import type { ExternalService } from '../service/external-service.ts'
import { checkLabel, labelOf } from '../service/label.ts'
import { whereToUse } from './advice.ts'
import { NeededServices } from './needed-services.ts'
import { endWhenOrphaned } from './orphan.ts'
import { isDeclared, readRunContext } from './run-context.ts'
import type { TestRecord } from './test-record.ts'
import type { UseServiceOptions } from './use-service-options.ts'
import type { UsedService } from './used-service.ts'
import { declaredEnvironment, hideService, showService } from './worker-environment.ts'

/** A service that only one `useService` has: a process of its own, or a slice beside the worker's. */
export class OwnService implements UsedService {
  readonly service: ExternalService<object>
  readonly #options: UseServiceOptions
  readonly #prefix: string
  /** The config that the definition stands in, where the service has its name of there. */
  readonly #config: Config | undefined
  readonly #needed: NeededServices
  /** Of what runs already: known when it is set up. */
  readonly #environment: NodeJS.ProcessEnv = {}

  /** @throws ERR_CONFIG for a definition without a name and without a `label` */
  constructor(definition: ServiceDefinition, options: UseServiceOptions) {
    const label = labelFor(definition, options)
    const config = configOf(definition)
    const { prefix, directory } = readRunContext(options.prefix ?? config?.prefix)
    this.#options = options
    this.#prefix = prefix
    this.#config = definition.name !== undefined && labelOf(definition.name) === label ? config : undefined
    this.#needed = new NeededServices(definition, label, { given: options.needs, config: this.#config })
    const environment = this.#environment
    this.service = definition.create({ label, prefix, directory, environment, whenDown: whereToUse })
  }

  async setUp(): Promise<void> {
    endWhenOrphaned()
    const { instance = 'shared', timeoutMs } = this.#options
    Object.assign(this.#environment, declaredEnvironment())
    const useExisting = instance === 'shared' && isDeclared(this.service.label, this.#prefix)
    const needs = useExisting ? {} : await this.#needed.setUp()
    await this.service.setUp({ timeoutMs, useExisting, needs })
    this.#show()
  }

  async reset(record: TestRecord): Promise<void> {
    await this.#needed.prepare(record)
    await this.service.reset()
    // A test may have set it up anew.
    this.#show()
    record.begin(this.service)
  }

  async cleanUp(): Promise<void> {
    hideService(this.service)
    const cleanUps = new CleanUpStack()
    cleanUps.add(() => this.#needed.leave())
    cleanUps.add(() => this.service.cleanUp())
    const errors = await cleanUps.run()
    if (errors.length > 0) throw combineErrors(errors)
  }

  #show(): void {
    showService(this.service, { prefix: this.#prefix, config: this.#config })
  }
}

function labelFor({ name, kind }: ServiceDefinition, { label }: UseServiceOptions): string {
  if (label !== undefined) return checkLabel(label, 'useService(…, { label })')
  if (name !== undefined) return labelOf(name)
  throw new ConfigError(
    `useService(${kind}()): a definition that stands in no config needs a label: useService(${kind}(), { label: 'DB' })`,
  )
}
