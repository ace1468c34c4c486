import * as v from 'valibot'
import { ConfigError } from '../kernel/errors.ts'
import { didYouMean } from '../kernel/suggestion.ts'
import { type ConfigsOf, isServiceDefinition, type ServiceDefinition } from '../service/definition.ts'
import { checkNeeds } from '../service/instance/dependencies.ts'
import { labelOf } from '../service/options/label.ts'
import type { VariableValues } from '../service/options/made-variables.ts'
import { parseOptions } from '../service/options/parse-options.ts'
import { madeVariablesSchema } from '../service/options/plan-schema.ts'
import type { Definitions } from '../session/service-registry.ts'
import { describeValue } from './describe-value.ts'
import type { TransportOptions } from './transport-options.ts'

type Profile<D extends Definitions> = { readonly [Name in keyof D]?: Readonly<Record<string, unknown>> }

/**
 * Declared as a method, because TypeScript compares parameters of methods in both directions: so a config with known
 * services is assignable to a `Config` of any services.
 */
type Make<D extends Definitions, Made> = { make(configs: ConfigsOf<D>): Made }['make']

type MadeVariables<D extends Definitions> = Readonly<Record<string, string | number | Make<D, string | number>>>

export interface ConfigInput<D extends Definitions> {
  /** The services; each key is a name: `db` gets the label `DB` and the variables `LP_DB_*`. */
  readonly services: D
  /**
   * Variables for the shell, commands and tests besides `LP_*`: values, and functions that get the services' configs,
   * `{ DATABASE_URL: ({ db }) => db.url }`, or one function that returns all values. A variable made from the config of
   * a service that is not up is left out.
   */
  readonly environment?: MadeVariables<D> | Make<D, VariableValues>
  /** Configured instances, chosen by `LP_CONFIG`: for each service, the options that differ from `services`. */
  readonly profiles?: Readonly<Record<string, Profile<D>>>
  /** Prefix of the variables. Default: `LP`. */
  readonly prefix?: string
  /** For workflows: how commands reach machines, by name. The first is the default of steps. */
  readonly transports?: Readonly<Record<string, TransportOptions>>
  /** For workflows: the values of `{{ config.a.b }}`. */
  readonly values?: Readonly<Record<string, unknown>>
}

/** Refuses a service with a need that is missing from the config, as far as the types tell. */
interface KnownNeeds<D extends Definitions> {
  readonly services: { readonly [Name in keyof D]: KnownNeedsOf<D[Name]['needs'][number], keyof D> }
}

type KnownNeedsOf<Need extends string, Known> = string extends Need
  ? unknown
  : [Exclude<Need, Known>] extends [never]
    ? unknown
    : { readonly needs: `there is no service "${Exclude<Need, Known>}" in this config` }

/** A checked config; every definition inside knows its name. */
export interface Config<D extends Definitions = Definitions> extends ConfigInput<D> {}

/** Property of a definition that holds its config; the same symbol in every installed copy of this package. */
const owner: unique symbol = Symbol.for('test-services.config') as never

const configSchema = v.strictObject({
  services: v.record(v.string(), v.unknown()),
  environment: v.optional(madeVariablesSchema),
  profiles: v.optional(v.record(v.string(), v.record(v.string(), v.record(v.string(), v.unknown())))),
  prefix: v.optional(v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]*$/, 'a prefix such as LP'))),
  transports: v.optional(v.record(v.string(), v.record(v.string(), v.unknown()))),
  values: v.optional(v.record(v.string(), v.unknown())),
})

/**
 * Declares the services of a project, in `test-services.config.ts`.
 *
 * @throws ERR_CONFIG naming the path in the config and the expected value; ERR_CYCLE
 */
export function defineConfig<const D extends Definitions>(input: ConfigInput<D> & KnownNeeds<D>): Config<D> {
  return checkConfig(input, 'config') as Config<D>
}

/** Checks a config, and returns it with every definition named. Checking twice is harmless. */
export function checkConfig(value: unknown, path: string): Config {
  const config = parseOptions(configSchema, value, path)
  const services = Object.fromEntries(
    Object.entries(config.services).map(([name, service]) => [name, named(name, service)]),
  )
  checkLabels(Object.keys(services))
  checkNeeds(new Map(Object.entries(services).map(([name, { needs }]) => [name, needs])))
  checkProfiles(config.profiles ?? {}, services)
  const { environment } = config
  const checked = environment && { environment: withKnownNames(environment, Object.keys(services)) }
  const result = { ...config, services, ...checked } as unknown as Config
  // Not enumerable, so that a copy of a definition does not belong to the config.
  for (const service of Object.values(services)) Object.defineProperty(service, owner, { value: result })
  return result
}

/** Returns the config of a definition. */
export function configOf(definition: ServiceDefinition): Config | undefined {
  return Reflect.get(definition, owner)
}

/** Lets functions throw if they read the config of an unknown service, instead of silently leaving out a variable. */
function withKnownNames(made: object, names: readonly string[]): unknown {
  if (typeof made === 'function') return (configs: object) => made(refusingOthers(configs, names))
  const entries = Object.entries(made)
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'function' ? withKnownNames(value, names) : value]),
  )
}

function refusingOthers(configs: object, names: readonly string[]): object {
  return new Proxy(configs, {
    get: (target, name) => {
      if (typeof name === 'symbol' || names.includes(name)) return Reflect.get(target, name)
      throw new ConfigError(
        `environment: there is no service "${name}"${didYouMean(name, names)}; expected one of ${names.join(', ')}`,
      )
    },
  })
}

function named(name: string, service: unknown): Definitions[string] {
  labelOf(name)
  if (isServiceDefinition(service)) return { ...service, name }
  throw new ConfigError(
    `services.${name}: expected a service such as postgres() or command({ … }), but got ${describeValue(service)}`,
  )
}

/** Refuses names with the same label: `mainDb` and `main-db` would share one set of variables. */
function checkLabels(names: readonly string[]): void {
  for (const [index, name] of names.entries()) {
    const first = names.slice(0, index).find((other) => labelOf(other) === labelOf(name))
    if (first) throw new ConfigError(`services.${name}: "${first}" has the label ${labelOf(name)} too; rename one`)
  }
}

function checkProfiles(profiles: Readonly<Record<string, Profile<Definitions>>>, definitions: Definitions): void {
  const names = Object.keys(definitions)
  for (const [profile, services] of Object.entries(profiles))
    for (const [name, options = {}] of Object.entries(services)) {
      const path = `profiles.${profile}.${name}`
      if (!names.includes(name))
        throw new ConfigError(
          `${path}: there is no such service${didYouMean(name, names)}; expected one of ${names.join(', ')}`,
        )
      definitions[name]?.checkProfile?.(options, path)
    }
}
