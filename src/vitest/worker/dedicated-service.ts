import { type Config, configOf } from '../../config/define-config.ts'
import { CleanUpStack } from '../../kernel/cleanup-stack.ts'
import { ConfigError, combineErrors } from '../../kernel/errors.ts'
import type { ServiceDefinition } from '../../service/definition.ts'
import type { ExternalService } from '../../service/external-service.ts'
import { persistentLabels } from '../../service/instance/variables.ts'
import { checkLabel, labelOf } from '../../service/options/label.ts'
import { EventChannel } from '../../session/event-channel.ts'
import { emitPhase } from '../../session/events.ts'
import { whereToUse } from '../client/advice.ts'
import { endWhenOrphaned } from '../client/orphan.ts'
import { readRunSettings } from '../client/run-settings.ts'
import type { Leave } from '../client/test-slot.ts'
import { declaredEnvironment, hideService, shownService, showService } from '../client/worker-environment.ts'
import { startRecorder } from '../slot/start-record.ts'
import type { TestRecord } from './test-record.ts'
import type { UseServiceOptions } from './use-service-options.ts'
import type { UsedService } from './used-service.ts'
import { WorkerServices } from './worker-services.ts'

type Service = ExternalService<object>

/** A service for a single `useService`: a process of the worker, or a tenant besides the slot's tenant. */
export class DedicatedService implements UsedService {
  readonly service: Service
  readonly #options: UseServiceOptions
  /** Name in the config. The label, if it differs from the label in the config. */
  readonly #name: string
  readonly #prefix: string
  /** Config that has the definition; absent if the service's label differs from the label in the config. */
  readonly #config: Config | undefined
  readonly #needs: readonly string[]
  /** Names of the needed services that the slot provides; known after the set-up. */
  #ofSlot: readonly string[] = []
  #leave: Leave | undefined
  /** Variables that declare running services; known after the set-up. */
  readonly #environment: NodeJS.ProcessEnv = {}

  /** @throws ERR_CONFIG for a definition without a name and without a `label` */
  constructor(definition: ServiceDefinition, options: UseServiceOptions) {
    const label = labelFor(definition, options)
    const config = configOf(definition)
    const { prefix, directory } = readRunSettings(options.prefix ?? config?.prefix)
    this.#options = options
    this.#prefix = prefix
    this.#needs = definition.needs
    const hasOwnName = definition.name !== undefined && labelOf(definition.name) === label
    this.#name = hasOwnName ? definition.name : label
    this.#config = hasOwnName ? config : undefined
    const environment = this.#environment
    this.service = definition.create({ label, prefix, directory, environment, whenDown: whereToUse })
  }

  async setUp(): Promise<void> {
    endWhenOrphaned()
    const { instance = 'shared', timeoutMs, network } = this.#options
    Object.assign(this.#environment, declaredEnvironment())
    const isDeclared = persistentLabels(this.#environment, this.#prefix)?.includes(this.service.label) ?? false
    const useExisting = instance === 'shared' && isDeclared
    const needs = useExisting ? {} : await this.#setUpNeeds()
    const events = new EventChannel(startRecorder({ has: () => useExisting }))
    const phase = { service: this.#name, begin: 'starting', end: 'ready' } as const
    await emitPhase(events, phase, () => this.service.setUp({ timeoutMs, useExisting, needs, network }))
    this.#show()
  }

  async reset(record: TestRecord): Promise<void> {
    if (this.#ofSlot.length > 0) await record.prepare(this.#services().slot, this.#ofSlot)
    record.willUse(this.service)
    await this.service.reset()
    // A test may have set the service up anew.
    this.#show()
    record.beginOwn(this.service)
  }

  async cleanUp(): Promise<void> {
    hideService(this.service)
    const cleanUps = new CleanUpStack()
    cleanUps.add(() => this.#leave?.())
    cleanUps.add(() => this.service.cleanUp())
    const errors = await cleanUps.run()
    if (errors.length > 0) throw combineErrors(errors)
  }

  /**
   * Returns the configs of the needed services: from the options, else from an earlier `useService`, else from the
   * slot, which brings them up.
   *
   * @throws ERR_CONFIG with the name of a missing service, for a definition without a config
   */
  async #setUpNeeds(): Promise<Readonly<Record<string, object>>> {
    const { needs: given = {} } = this.#options
    const missing = this.#needs.filter((name) => !given[name])
    const found = new Map(Object.entries(given))
    for (const name of missing) {
      const shown = shownService(this.#services(name).config, labelOf(name))
      if (shown) found.set(name, shown)
    }
    this.#ofSlot = missing.filter((name) => !found.has(name))
    for (const name of this.#ofSlot) found.set(name, await this.#setUpOfSlot(name))
    return Object.fromEntries([...found].map(([name, { serviceConfig }]) => [name, serviceConfig]))
  }

  async #setUpOfSlot(name: string): Promise<Service> {
    const { slot } = this.#services(name)
    this.#leave ??= slot.join()
    await slot.setUp(name)
    return slot.service(name)
  }

  #services(missing?: string): WorkerServices {
    if (this.#config) return WorkerServices.of(this.#config)
    throw new ConfigError(
      `useService: ${this.service.label} needs ${missing}, which is to be handed over: useService(…, { needs: { ${missing} } })`,
    )
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
