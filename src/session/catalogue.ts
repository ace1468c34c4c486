import { ConfigError } from '../kernel/errors.ts'
import { didYouMean } from '../kernel/suggestion.ts'
import type { ConfigsOf, ServiceDefinition } from '../service/definition.ts'
import { checkNeeds, type Needs, withNeeds } from '../service/dependencies.ts'
import type { ExternalService } from '../service/external-service.ts'
import { labelOf } from '../service/label.ts'
import type { ServiceInit } from '../service/service-init.ts'
import { defaultPrefix, persistentLabels } from '../service/variables.ts'
import type { EnvironmentOption } from './environment.ts'

export type Definitions = Readonly<Record<string, ServiceDefinition>>

export interface ServiceSetOptions<D extends Definitions> {
  readonly services: D
  /** Of the variables' names. Default: `LP`. */
  readonly prefix?: string | undefined
  /** Where relative paths of the services' options start. Default: the present directory. */
  readonly directory?: string | undefined
  /** What the chosen profile says of each service. */
  readonly profile?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined
  /** What commands and tests get besides `LP_*`: variables, or a function of the configs of all services. */
  readonly environment?: EnvironmentOption<ConfigsOf<D>> | undefined
}

type CatalogueOptions = Omit<ServiceSetOptions<Definitions>, 'environment'>

/** What a session can enter: the definitions, what each needs, and what they have in common. */
export class Catalogue {
  readonly prefix: string
  readonly needs: Needs
  readonly #options: CatalogueOptions

  /** @throws ERR_CONFIG, ERR_CYCLE when the services' needs make no sense */
  constructor(options: CatalogueOptions) {
    this.#options = options
    this.prefix = options.prefix ?? defaultPrefix
    this.needs = new Map(Object.entries(options.services).map(([name, { needs }]) => [name, needs]))
    checkNeeds(this.needs)
  }

  /** @throws ERR_CONFIG for an unknown name, with the nearest */
  create(name: string, around: Partial<ServiceInit>): ExternalService<object> {
    const { directory, profile } = this.#options
    const init = { label: labelOf(name), prefix: this.prefix, directory, profile: profile?.[name], ...around }
    return this.#definition(name).create(init)
  }

  /** The names of the services that an environment declares as running: all, where it does not say which. */
  declaredIn(environment: NodeJS.ProcessEnv): Set<string> {
    const labels = persistentLabels(environment, this.prefix)
    return new Set([...this.needs.keys()].filter((name) => labels?.includes(labelOf(name)) ?? true))
  }

  /** What is to be up for these, by default for all. A running instance has what it needs already. */
  wanted(only: readonly string[] | undefined, attached: ReadonlySet<string>): { names: Set<string>; needs: Needs } {
    for (const name of only ?? []) this.#definition(name)
    const needs = new Map([...this.needs].map(([name, own]) => [name, attached.has(name) ? [] : own]))
    return { names: withNeeds(needs, only ?? needs.keys()), needs }
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
