import type { Config } from '../config/define-config.ts'
import { type Needs, withNeeds } from '../service/dependencies.ts'
import type { ExternalService } from '../service/external-service.ts'
import { labelOf } from '../service/label.ts'
import type { SetUpOptions } from '../service/set-up-options.ts'
import { Session } from '../session/session.ts'
import { whereToUse } from './advice.ts'
import { endWhenOrphaned } from './orphan.ts'
import { isDeclared, readRunContext } from './run-context.ts'
import type { TestRecord } from './test-record.ts'
import { declaredEnvironment, hideService, showService } from './worker-environment.ts'

type Service = ExternalService<object>

/** Gives up a share in the worker's services; harmless when repeated. */
export type Leave = () => Promise<void>

const perWorker = new WeakMap<object, WorkerServices>()

/** The services of a config in one worker: each comes up when a test first uses it, and stays until the worker ends. */
export class WorkerServices {
  readonly config: Config
  /** Each the same one for good, be it up or not: whoever asks for it before the first test may keep it. */
  readonly #services = new Map<string, Service>()
  /** What the run declares: known when something comes up. */
  readonly #environment: NodeJS.ProcessEnv = {}
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
    this.config = config
  }

  /** Several test files of a worker, and several uses in each, share these; the last one to leave cleans up. */
  join(): Leave {
    endWhenOrphaned()
    this.#users++
    let left: Promise<void> | undefined
    return () => {
      left ??= this.#leave()
      return left
    }
  }

  async #leave(): Promise<void> {
    if (--this.#users > 0) return
    this.#up.clear()
    for (const service of this.#session?.services.values() ?? []) hideService(service)
    const ending = this.#session?.end()
    this.#session = undefined
    await ending
  }

  service(name: string): Service {
    const service = this.#services.get(name) ?? this.#create(name)
    this.#services.set(name, service)
    return service
  }

  /** Brings a service up if it is not. One that failed to come up fails for every test in the same way. */
  async setUp(name: string, { timeoutMs }: Pick<SetUpOptions, 'timeoutMs'> = {}): Promise<Service> {
    const entering = this.#up.get(name) ?? this.#enter(name, timeoutMs)
    this.#up.set(name, entering)
    await entering
    return this.service(name)
  }

  /** A service, ready for a test: reset, unless it has been for this test, with all of ours that it needs. */
  async prepare(name: string, record: TestRecord): Promise<Service> {
    const service = await this.setUp(name)
    const due = [...withNeeds(this.#needs, [name])].filter((one) => !record.hasBegun(this.service(one)))
    await this.#session?.reset({ only: due })
    for (const one of due) {
      this.#show(one)
      record.begin(this.service(one))
    }
    return service
  }

  async #enter(name: string, timeoutMs: number | undefined): Promise<void> {
    const { prefix } = this.#context
    this.#session ??= this.#open()
    const useExisting = Object.keys(this.config.services).some((one) => isDeclared(labelOf(one), prefix))
    const declaredIn = Object.assign(this.#environment, declaredEnvironment())
    await this.#session.enter({ only: [name], useExisting, declaredIn, timeoutMs })
    for (const one of withNeeds(this.#needs, [name])) this.#show(one)
  }

  #open(): Session {
    const { prefix, directory } = this.#context
    const definitions = Object.entries(this.config.services)
    const services = definitions.map(([name, one]) => [name, { ...one, create: () => this.service(name) }] as const)
    return new Session({ services: Object.fromEntries(services), prefix, directory })
  }

  #create(name: string): Service {
    const definition = this.config.services[name]
    if (definition === undefined) throw new TypeError(`there is no service "${name}"`)
    const { prefix, directory } = this.#context
    const environment = this.#environment
    return definition.create({ label: labelOf(name), prefix, directory, environment, whenDown: whereToUse })
  }

  #show(name: string): void {
    showService(this.service(name), { prefix: this.#context.prefix, config: this.config })
  }

  /** An instance that runs already has what it needs. */
  get #needs(): Needs {
    const { prefix } = this.#context
    const definitions = Object.entries(this.config.services)
    return new Map(definitions.map(([name, { needs }]) => [name, isDeclared(labelOf(name), prefix) ? [] : needs]))
  }

  get #context(): ReturnType<typeof readRunContext> {
    return readRunContext(this.config.prefix)
  }
}
