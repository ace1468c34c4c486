import type { Config } from '../config/define-config.ts'
import { type Needs, withNeeds } from '../service/dependencies.ts'
import type { ExternalService } from '../service/external-service.ts'
import { labelOf } from '../service/label.ts'
import { Session } from '../session/session.ts'
import { endWhenOrphaned } from './orphan.ts'
import { isDeclared, readRunContext } from './run-context.ts'
import type { TestRecord } from './test-record.ts'
import { declaredEnvironment, hideService, showService } from './worker-environment.ts'

type Service = ExternalService<object>

const perWorker = new WeakMap<object, WorkerServices>()

/** The services of a config in one worker: each comes up when a test first uses it, and stays until the worker ends. */
export class WorkerServices {
  readonly #config: Config
  readonly #up = new Map<string, Promise<void>>()
  #session: Session | undefined
  #users = 0

  /** The same ones for everybody in this worker who has this config. */
  static of(config: Config): WorkerServices {
    const services = perWorker.get(config) ?? new WorkerServices(config)
    perWorker.set(config, services)
    return services
  }

  private constructor(config: Config) {
    this.#config = config
  }

  /** Several test files of a worker may each have made fixtures from the same config. */
  join(): void {
    endWhenOrphaned()
    this.#users++
  }

  /** The last one to leave cleans up. */
  async leave(): Promise<void> {
    if (--this.#users > 0) return
    this.#up.clear()
    for (const service of this.#session?.services.values() ?? []) hideService(service)
    const ending = this.#session?.end()
    this.#session = undefined
    await ending
  }

  /** Brings a service up if it is not. One that failed to come up fails for every test in the same way. */
  async setUp(name: string): Promise<Service> {
    const entering = this.#up.get(name) ?? this.#enter(name)
    this.#up.set(name, entering)
    await entering
    return this.#service(name)
  }

  /** A service, ready for a test: reset, unless it has been for this test, with all of ours that it needs. */
  async prepare(name: string, record: TestRecord): Promise<Service> {
    const service = await this.setUp(name)
    const due = [...withNeeds(this.#needs, [name])].filter((one) => !record.hasBegun(this.#service(one)))
    await this.#session?.reset({ only: due })
    for (const one of due) {
      this.#show(one)
      record.begin(this.#service(one))
    }
    return service
  }

  async #enter(name: string): Promise<void> {
    const { services } = this.#config
    const { prefix, directory } = this.#context
    this.#session ??= new Session({ services, prefix, directory })
    const useExisting = Object.keys(services).some((one) => isDeclared(labelOf(one), prefix))
    await this.#session.enter({ only: [name], useExisting, declaredIn: declaredEnvironment() })
    for (const one of withNeeds(this.#needs, [name])) this.#show(one)
  }

  #show(name: string): void {
    showService(this.#service(name), { prefix: this.#context.prefix, config: this.#config })
  }

  #service(name: string): Service {
    const service = this.#session?.services.get(name)
    if (service) return service
    throw new TypeError(`the service "${name}" is not up in this worker`)
  }

  /** An instance that runs already has what it needs. */
  get #needs(): Needs {
    const { prefix } = this.#context
    const definitions = Object.entries(this.#config.services)
    return new Map(definitions.map(([name, { needs }]) => [name, isDeclared(labelOf(name), prefix) ? [] : needs]))
  }

  get #context(): ReturnType<typeof readRunContext> {
    return readRunContext(this.#config.prefix)
  }
}
