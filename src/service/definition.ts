import type { ExternalService } from './external-service.ts'
import { parseOptions } from './options/parse-options.ts'
import type { StandardSchema } from './options/standard-schema.ts'
import type { Diagnosis } from './server/diagnosis.ts'
import { type ClientLibrary, diagnoseRequirements, findMissing, resetAdvice } from './server/requirements.ts'
import type { ServerDescription } from './server/server-description.ts'
import type { ServiceOptions } from './service-options.ts'

/** Shared by all copies of the package: a config and a command may come from two different copies. */
const brand: unique symbol = Symbol.for('test-services.definition') as never

/**
 * `run`: a single instance for all tests of a run. `slot`: an instance per sequence of tests, on the sequence's own
 * database.
 */
type ServiceScope = 'run' | 'slot'

/** Result of `postgres()` and similar functions: a service for any number of instances. */
export interface ServiceDefinition<
  Config extends object = object,
  Need extends string = string,
  Service extends ExternalService<object> = ExternalService<Config>,
> {
  readonly [brand]: true
  /** Name of the fixture, for people: `postgres`. */
  readonly kind: string
  /** The names of services to be ready first. */
  readonly needs: readonly Need[]
  /** Globs, relative to the config's directory, of the files read by an instance at the start. */
  readonly files?: readonly string[] | undefined
  /** Whether a restarted instance uses changed files. Default: false. */
  readonly restartsOnChange?: boolean | undefined
  /** How many instances a test run has. Default: `slot` for a service with needs, else `run`, shared by tenants. */
  readonly scope?: ServiceScope | undefined
  /** The key in the config, once the definition is part of a config; the label is derived from the key. */
  readonly name?: string
  /**
   * Says for `doctor` whether an instance with these options can run on this machine.
   *
   * @param directory directory in which relative paths of the options start
   */
  diagnose?(directory: string): Promise<Diagnosis>
  /** Looks for the requirements of a start; returns an error for each missing requirement. Starts nothing. @internal */
  findMissing?(init: ServiceOptions): Promise<readonly Error[]>
  /** Returns the limits of a running instance on this machine; `undefined` without limits. @internal */
  warning?(): string | undefined
  /** Throws for an invalid profile, naming the path. Called when the config is read, and by `create`. */
  checkProfile?(profile: object, path: string): void
  /** @throws ERR_CONFIG for an invalid profile */
  create(init: ServiceOptions): Service
}

/** Fields of a definition, with schemas for the input of a user. */
interface DefinitionParts<Service extends ExternalService<object>, Need extends string>
  extends Omit<ServiceDefinition<object, Need, Service>, typeof brand | 'needs' | 'name'> {
  readonly needs?: readonly Need[] | undefined
  /** Options written by the user. Default: none. */
  readonly options?: object
  /** The server program. `doctor` looks for a server for the options `from`, `binaries`, `version` and `image`. */
  readonly server?: ServerDescription
  /** The client library imported by the fixture. @internal */
  readonly client?: ClientLibrary
  readonly schemas?: {
    /** Checks `options`. */
    readonly options?: StandardSchema
    /** Checks the settings of a profile. */
    readonly profile?: StandardSchema
  }
}

/**
 * Makes a definition from a fixture class, for use in a config.
 *
 * @throws ERR_CONFIG for an invalid option
 */
export function defineService<Service extends ExternalService<object>, const Need extends string = string>(
  parts: DefinitionParts<Service, Need>,
): ServiceDefinition<Service['serviceConfig'], Need, Service> {
  const { kind, schemas = {} } = parts
  if (schemas.options) parseOptions(schemas.options, parts.options ?? {}, `${kind}()`)
  // After the check, since a getter of the parts may depend on valid options.
  const { options, schemas: _used, server, client, needs = [], ...fields } = parts
  const checkProfile = parts.checkProfile ?? profileCheck(schemas.profile)
  const check = ({ profile, label }: ServiceOptions): void => {
    if (profile) checkProfile?.(profile, `the profile of ${label}`)
  }
  const create = (init: ServiceOptions): Service => {
    check(init)
    return parts.create({ ...init, options: parts.options })
  }
  const missing = async (init: ServiceOptions): Promise<readonly Error[]> => {
    check(init)
    return findMissing({ server, client }, { ...options, ...init.profile }, init.directory)
  }
  const ask = (directory: string) => diagnoseRequirements({ server, client }, options, directory)
  const diagnose = parts.diagnose ?? (server || client ? ask : undefined)
  return {
    ...fields,
    needs,
    [brand]: true,
    create,
    findMissing: parts.findMissing ?? missing,
    warning: () => resetAdvice({ client }),
    ...(checkProfile && { checkProfile }),
    ...(diagnose && { diagnose }),
  }
}

function profileCheck(schema: StandardSchema | undefined): ServiceDefinition['checkProfile'] {
  return schema && ((profile, path) => void parseOptions(schema, profile, path))
}

/** Returns the scope of an instance in a test run: all tests, or a sequence of tests. */
export function scopeOf({ scope, needs }: Pick<ServiceDefinition, 'scope' | 'needs'>): ServiceScope {
  return scope ?? (needs.length > 0 ? 'slot' : 'run')
}

export function isServiceDefinition(value: unknown): value is ServiceDefinition {
  return typeof value === 'object' && value !== null && brand in value
}

/** The config type of a definition. */
export type ConfigOf<Definition> = Definition extends ServiceDefinition<infer Config> ? Config : never

/** The type of service created by a definition, including additional methods, such as snapshots. */
export type ServiceOf<Definition extends ServiceDefinition> = ReturnType<Definition['create']>

/** The config types of a record of definitions. */
export type ConfigsOf<Definitions> = { readonly [Name in keyof Definitions]: ConfigOf<Definitions[Name]> }
