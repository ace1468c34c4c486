import type { Config } from '../config/define-config.ts'
import { CleanUpStack } from '../kernel/cleanup-stack.ts'
import { ConfigError, combineErrors } from '../kernel/errors.ts'
import type { ServiceDefinition, ServiceOf } from '../service/definition.ts'
import { labelOf } from '../service/label.ts'
import { configOf } from './config-of.ts'
import { NeededServices } from './needed-services.ts'
import { endWhenOrphaned } from './orphan.ts'
import { isDeclared, readRunContext } from './run-context.ts'
import type { TestRecord } from './test-record.ts'
import type { UseServiceOptions } from './use-service-options.ts'
import { declaredEnvironment, hideService, showService } from './worker-environment.ts'

/** What the hooks of `useService` do. */
export class UsedService<Definition extends ServiceDefinition> {
  readonly service: ServiceOf<Definition>
  readonly #definition: Definition
  readonly #options: UseServiceOptions
  readonly #prefix: string
  readonly #needed: NeededServices
  /** Of what runs already: known when it is set up. */
  readonly #environment: NodeJS.ProcessEnv = {}
  #config: Config | undefined

  /** @throws ERR_CONFIG for a definition without a name and without a `label` */
  constructor(definition: Definition, options: UseServiceOptions) {
    const { prefix, directory } = readRunContext(options.prefix)
    const label = labelFor(definition, options)
    this.#definition = definition
    this.#options = options
    this.#prefix = prefix
    this.#needed = new NeededServices(definition, label, options.needs)
    this.service = definition.create({
      label,
      prefix,
      directory,
      environment: this.#environment,
    }) as ServiceOf<Definition>
  }

  async setUp(): Promise<void> {
    endWhenOrphaned()
    const { label } = this.service
    const { instance = 'shared', timeoutMs } = this.#options
    this.#config = await configOf(this.#definition, label)
    Object.assign(this.#environment, declaredEnvironment())
    const useExisting = instance === 'shared' && isDeclared(label, this.#prefix)
    const needs = useExisting ? {} : await this.#needed.setUp(this.#config)
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
  if (label !== undefined) return labelOf(label, 'useService(…, { label })')
  if (name !== undefined) return labelOf(name)
  throw new ConfigError(
    `useService(${kind}()): a definition that stands in no config needs a label: useService(${kind}(), { label: 'DB' })`,
  )
}
