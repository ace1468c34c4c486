import type { ExternalService } from './external-service.ts'
import type { ServiceOptions } from './service-options.ts'

/** Shared by all copies of the package: a config and a command may come from two different copies. */
const brand: unique symbol = Symbol.for('test-services.definition') as never

/**
 * `run`: one instance for all tests of a run. `slot`: one instance per sequence of tests, on the sequence's own
 * database.
 */
export type ServiceScope = 'run' | 'slot'

/** Result of `postgres()` and similar functions: a service that can be instantiated any number of times. */
export interface ServiceDefinition<Config extends object = object, Need extends string = string> {
  readonly [brand]: true
  /** Name of the fixture, for people: `postgres`. */
  readonly kind: string
  /** The names of the services that must be ready first. */
  readonly needs: readonly Need[]
  /** Globs, relative to the config's directory, of the files read by an instance at the start. */
  readonly files?: readonly string[] | undefined
  /** Whether a restarted instance uses its changed files. Default: false. */
  readonly restartsOnChange?: boolean | undefined
  /** How many instances of a service with needs a test run has. Default: `slot`, one per sequence of tests. */
  readonly scope?: ServiceScope | undefined
  /** The key in the config, once the definition is part of a config; the label is derived from the key. */
  readonly name?: string
  /** Throws for an invalid profile; absent if `create` checks the profile. */
  checkProfile?(profile: object, path: string): void
  create(init: ServiceOptions): ExternalService<Config>
}

interface DefinitionParts<Config extends object, Need extends string = string> {
  readonly kind: string
  readonly needs?: readonly Need[] | undefined
  readonly files?: readonly string[] | undefined
  readonly restartsOnChange?: boolean | undefined
  readonly scope?: ServiceScope | undefined
  /** Throws for an invalid profile, naming the path. Called when the config is read. */
  checkProfile?(profile: object, path: string): void
  create(init: ServiceOptions): ExternalService<Config>
}

/** Makes a definition from a fixture class, for use in a config. */
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

/** The type of service created by a definition, including methods of its own, such as snapshots. */
export type ServiceOf<Definition extends ServiceDefinition> = ReturnType<Definition['create']>

/** The config types of a record of definitions. */
export type ConfigsOf<Definitions> = { readonly [Name in keyof Definitions]: ConfigOf<Definitions[Name]> }
