import { CleanUpStack } from '../kernel/cleanup-stack.ts'
import { ConfigError } from '../kernel/errors.ts'
import type { ServiceDefinition } from '../service/definition.ts'
import type { ExternalService } from '../service/external-service.ts'
import { logSince } from '../service/instance/log-excerpt.ts'
import type { ServiceOptions } from '../service/service-options.ts'
import type { SetUpOptions } from '../service/set-up-options.ts'
import type { CaseDirectory } from './case-directory.ts'
import type { ContractOptions, Hook } from './contract-options.ts'
import { HeldInstance, type HolderRequest } from './held-instance.ts'
import { untilEmpty } from './leftovers.ts'

type Service = ExternalService<object>

export const label = 'CONTRACT'
const defaultTimeoutMs = 30_000
const tailLines = 20

/** Definition and options of a contract. */
export interface Subject {
  readonly definition: ServiceDefinition
  readonly options: ContractOptions
}

/** Tools of a case: services, cleaned up with the case at the latest, and the hooks of the author. */
export class Ground {
  readonly place: CaseDirectory
  readonly #subject: Subject
  readonly #services: Service[] = []
  readonly #cleanUps = new CleanUpStack()

  constructor(subject: Subject, place: CaseDirectory) {
    this.#subject = subject
    this.place = place
  }

  get timeoutMs(): number {
    return this.#subject.options.timeoutMs ?? defaultTimeoutMs
  }

  get directory(): string {
    return this.#subject.options.directory ?? process.cwd()
  }

  /** Returns a hook of the author. A case runs only with all its hooks given. */
  hook<Name extends Hook>(name: Name): NonNullable<ContractOptions[Name]> {
    const hook = this.#subject.options[name]
    if (hook !== undefined) return hook as NonNullable<ContractOptions[Name]>
    throw new ConfigError(`fixtureContract(): this case needs the option "${name}"`)
  }

  has(...names: readonly Hook[]): boolean {
    return names.every((name) => this.#subject.options[name] !== undefined)
  }

  /** Makes a service, still down. */
  create(changes: Partial<ServiceOptions> = {}): Service {
    const init = { label, directory: this.directory, environment: {}, ...changes }
    const service = this.#subject.definition.create(init)
    this.#services.push(service)
    this.#cleanUps.add(() => service.cleanUp())
    return service
  }

  /** Starts a unique instance. */
  async started(options: Pick<SetUpOptions, 'network'> = {}): Promise<Service> {
    const service = this.create()
    await service.setUp({ timeoutMs: this.timeoutMs, ...options })
    this.#requireOwnDirectory(service)
    return service
  }

  /** Makes a tenant of a running instance. */
  async attached(environment: NodeJS.ProcessEnv): Promise<Service> {
    const service = this.create({ environment })
    await service.setUp({ useExisting: true, timeoutMs: this.timeoutMs })
    return service
  }

  /** Starts a process to hold a service. */
  async held(environment: NodeJS.ProcessEnv, changes: Partial<HolderRequest> = {}): Promise<HeldInstance> {
    const { url, name = 'default' } = this.hook('module')
    const { directory, timeoutMs } = this
    const request = { url: String(url), name, label, directory, timeoutMs, useExisting: false, ...changes }
    const held = await HeldInstance.start(request, environment)
    this.#cleanUps.add(() => held.kill())
    return held
  }

  untilNothingLeft(): Promise<void> {
    return untilEmpty(this.place.looks)
  }

  /** Returns the last lines of the newest log, without secrets. */
  logTail(): string {
    // Services show no log while down.
    const logs = this.#services.map((service) => logSince(service).trimEnd())
    return (
      logs
        .findLast((log) => log !== '')
        ?.split('\n')
        .slice(-tailLines)
        .join('\n') ?? ''
    )
  }

  /** Cleans up all services of the case; returns the errors. */
  cleanUp(): Promise<Error[]> {
    return this.#cleanUps.run()
  }

  /** A further service of this process would keep its own state directory in use: all looks here would find nothing. */
  #requireOwnDirectory({ files }: Service): void {
    if (files.configFile.startsWith(this.place.stateDirectory)) return
    throw new ConfigError(
      'fixtureContract(): this process holds another service; run the contract in a process of its own',
    )
  }
}
