import { ConfigError } from '../kernel/errors.ts'
import { didYouMean } from '../kernel/suggestion.ts'
import type { ConfigsOf, ServiceDefinition } from '../service/definition.ts'
import type { ExternalService } from '../service/external-service.ts'
import { checkNeeds, type Needs, withNeeds } from '../service/instance/dependencies.ts'
import { defaultPrefix, persistentLabels } from '../service/instance/variables.ts'
import { labelOf } from '../service/options/label.ts'
import type { ServiceOptions } from '../service/service-options.ts'
import type { EnvironmentOption } from './environment.ts'
import { requireAll } from './requirements.ts'

export type Definitions = Readonly<Record<string, ServiceDefinition>>

export interface ServiceSetOptions<D extends Definitions> {
  readonly services: D
  /** First part of the variables' names. Default: `LP`. */
  readonly prefix?: string | undefined
  /** Base of relative paths in the services' options. Default: the present directory. */
  readonly directory?: string | undefined
  /** Settings of the chosen profile, by service. */
  readonly profile?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined
  /**
   * Variables for commands and tests besides `LP_*`, or a function that makes the variables from the configs of all
   * services.
   */
  readonly environment?: EnvironmentOption<ConfigsOf<D>> | undefined
}

type RegistryOptions = Omit<ServiceSetOptions<Definitions>, 'environment'>

/** The service definitions that a session can enter, the needs of each service, and the options common to all. */
export class ServiceRegistry {
  readonly prefix: string
  readonly needs: Needs
  readonly #options: RegistryOptions

  /** @throws ERR_CONFIG, ERR_CYCLE for invalid needs */
  constructor(options: RegistryOptions) {
    this.#options = options
    this.prefix = options.prefix ?? defaultPrefix
    this.needs = new Map(Object.entries(options.services).map(([name, { needs }]) => [name, needs]))
    checkNeeds(this.needs)
  }

  /** Creates a service. @throws ERR_CONFIG for an unknown name, with the nearest known name */
  create(name: string, around: Partial<ServiceOptions>): ExternalService<object> {
    return this.#definition(name).create({ ...this.#init(name), ...around })
  }

  /** Looks for the requirements of services that are to be started. @throws ERR_MISSING_BINARY naming each missing one */
  async require(names: readonly string[]): Promise<void> {
    await requireAll(names.map((name) => ({ definition: this.#definition(name), init: this.#init(name) })))
  }

  /** Returns the limits of a running service on this machine; `undefined` without limits. */
  warningOf(name: string): string | undefined {
    return this.#definition(name).warning?.()
  }

  /** Returns the names of the services declared as running by an environment; all names if the list is missing. */
  declaredIn(environment: NodeJS.ProcessEnv): Set<string> {
    const labels = persistentLabels(environment, this.prefix)
    return new Set([...this.needs.keys()].filter((name) => labels?.includes(labelOf(name)) ?? true))
  }

  /** @throws ERR_CONFIG for an unknown name, with the nearest known name */
  checkNames(names: readonly string[] = []): void {
    for (const name of names) this.#definition(name)
  }

  /**
   * Returns the services to start for `only` (default: all), and their needs. The needs of a running instance are left
   * out, since they are up already.
   */
  wanted(only: readonly string[] | undefined, attached: ReadonlySet<string>): { names: Set<string>; needs: Needs } {
    const needs = new Map([...this.needs].map(([name, own]) => [name, attached.has(name) ? [] : own]))
    return { names: withNeeds(needs, only ?? needs.keys()), needs }
  }

  #init(name: string): ServiceOptions {
    const { directory, profile } = this.#options
    return { label: labelOf(name), prefix: this.prefix, directory, profile: profile?.[name] }
  }

  #definition(name: string): ServiceDefinition {
    const definition = this.needs.has(name) ? this.#options.services[name] : undefined
    if (definition) return definition
    const names = [...this.needs.keys()]
    throw new ConfigError(
      `there is no service "${name}"${didYouMean(name, names)}; expected one of ${names.join(', ')}`,
    )
  }
}
