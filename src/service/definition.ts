import type { ExternalService } from './external-service.ts'
import type { ServiceInit } from './service-init.ts'

/** Known to every copy of this package, so that a config and a command from two copies understand each other. */
const brand: unique symbol = Symbol.for('test-services.definition') as never

/** `run`: one instance for all tests of a run. `slot`: one for each sequence of tests, on that sequence's own database. */
export type ServiceScope = 'run' | 'slot'

/** What `postgres()` gives: a description of a service that can be instantiated any number of times. */
export interface ServiceDefinition<Config extends object = object, Need extends string = string> {
  readonly [brand]: true
  /** Of the fixture, for people: `postgres`. */
  readonly kind: string
  /** The names of the services that must be ready first. */
  readonly needs: readonly Need[]
  /** Globs from the config's directory: what an instance is made from, as it is when that starts. */
  readonly files?: readonly string[] | undefined
  /** Whether an instance takes up a change of its files when it is started again. Default: false. */
  readonly restartsOnChange?: boolean | undefined
  /** What a service with needs is one for in a test run. Default: `slot`, those tests that never run at the same time. */
  readonly scope?: ServiceScope | undefined
  /** The key in the config, once the definition stands in one: it names the label. */
  readonly name?: string
  /** Refuses what a profile may not say of it; absent where that is found out when it is created. */
  checkProfile?(profile: object, path: string): void
  create(init: ServiceInit): ExternalService<Config>
}

export interface DefinitionParts<Config extends object, Need extends string = string> {
  readonly kind: string
  readonly needs?: readonly Need[] | undefined
  readonly files?: readonly string[] | undefined
  readonly restartsOnChange?: boolean | undefined
  readonly scope?: ServiceScope | undefined
  /** Throws for what a profile may not say of it, naming the path: called when the config is read. */
  checkProfile?(profile: object, path: string): void
  create(init: ServiceInit): ExternalService<Config>
}

/** Makes a definition of a fixture class, so that it can stand in a config. */
export function defineService<Config extends object, const Need extends string = string>(
  parts: DefinitionParts<Config, Need>,
): ServiceDefinition<Config, Need> {
  return { ...parts, needs: parts.needs ?? [], [brand]: true } as ServiceDefinition<Config, Need>
}

export function isServiceDefinition(value: unknown): value is ServiceDefinition {
  return typeof value === 'object' && value !== null && brand in value
}

/** The config type of a definition. */
export type ConfigOf<Definition> = Definition extends ServiceDefinition<infer Config> ? Config : never

/** What a definition creates: a service that may do more than others, such as take snapshots. */
export type ServiceOf<Definition extends ServiceDefinition> = ReturnType<Definition['create']>

/** The config types of a record of definitions. */
export type ConfigsOf<Definitions> = { readonly [Name in keyof Definitions]: ConfigOf<Definitions[Name]> }
