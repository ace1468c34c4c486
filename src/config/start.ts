import * as v from 'valibot'
import { ConfigError } from '../kernel/errors.ts'
import { isServiceDefinition, type ServiceDefinition, type ServiceOf, scopeOf } from '../service/definition.ts'
import { defaultPrefix, persistentLabels, persistentVariable } from '../service/instance/variables.ts'
import { labelOf } from '../service/options/label.ts'
import { parseOptions } from '../service/options/parse-options.ts'
import type { ServiceEvent, SessionEvent } from '../session/events.ts'
import type { Definitions } from '../session/service-registry.ts'
import type { Session } from '../session/session.ts'
import { type Config, type ConfigInput, checkConfig, configOf } from './define-config.ts'
import { chosenProfile, openSession } from './stack.ts'
import { createStartedService } from './started-service.ts'
import { createStartedStack, refuseReservedNames, type StartedStack } from './started-stack.ts'

/** Options of `start`. */
export interface StartOptions {
  /**
   * `'if-running'`: attaches to services that `LP_PERSISTENT_TEST_SERVICES` declares as running, with a part for this
   * caller alone (for Postgres, a database), and starts the rest. Starts a service of scope `'slot'`, such as one
   * with needs, also if it runs: the running one uses the database of somebody else. Default: `false`, only new
   * instances.
   */
  readonly useExisting?: 'if-running' | false | undefined
  /** Cancels the start: undoes everything and throws ERR_CANCELED. */
  readonly signal?: AbortSignal | undefined
  /** Limit for the whole start, in milliseconds. Default: 60,000. */
  readonly timeoutMs?: number | undefined
  /** Directory in which relative paths of the services' options start. Default: the present directory. */
  readonly directory?: string | undefined
  /** Called with the events of the services; errors of the listener are ignored. */
  readonly onEvent?: ((event: ServiceEvent) => void) | undefined
  /** Puts a proxy in front of the service, for faults by `service.network`. Default: false. */
  readonly network?: boolean | undefined
}

/** Options of `start` for a config. */
export interface StackOptions<Name extends PropertyKey> extends Omit<StartOptions, 'network'> {
  /** Puts a proxy in front of each of these services, for faults by `service.network`. Default: none. */
  readonly network?: readonly NoInfer<Name>[] | undefined
  /** Starts only these services and their needs. Default: all services of the config. */
  readonly only?: readonly Name[] | undefined
}

const optionsSchema = v.strictObject({
  only: v.optional(v.array(v.string())),
  network: v.optional(v.union([v.boolean(), v.array(v.string())])),
  useExisting: v.optional(v.union([v.literal('if-running'), v.literal(false)])),
  // No check of the class: in Jest, a test has a class `AbortSignal` of its own.
  signal: v.optional(v.looseObject({})),
  timeoutMs: v.optional(v.number()),
  directory: v.optional(v.string()),
  onEvent: v.optional(v.function()),
})

/** Starts an instance of a definition with all its needs; `cleanUp` stops the instance and its needs. */
export async function start<D extends ServiceDefinition>(definition: D, options?: StartOptions): Promise<ServiceOf<D>>
/** Starts the services of a config; `cleanUp` stops them. Each service is a property with its name: `stack.db`. */
export async function start<const D extends Definitions, const Name extends keyof D = keyof D>(
  config: ConfigInput<D>,
  options?: StackOptions<Name>,
): Promise<StartedStack<Pick<D, Name>>>
/**
 * Starts services for the caller, in any test runner, and returns them ready.
 *
 * @throws ERR_CONFIG for an invalid config; the errors of `ExternalService.setUp`
 */
export async function start(
  what: ServiceDefinition | ConfigInput<Definitions>,
  options: StartOptions | StackOptions<string> = {},
): Promise<object> {
  parseOptions(optionsSchema, options, 'the options of start()')
  if (isServiceDefinition(what)) return startService(what, options as StartOptions)
  refuseWrapped(what)
  const config = checkConfig(what, 'start(config)')
  refuseReservedNames(config)
  return createStartedStack(config, await startSession(config, stackOptions(config, options)))
}

/** @throws ERR_CONFIG for a `network` that is for a single service */
function stackOptions({ services }: Config, options: StartOptions | StackOptions<string>): StackOptions<string> {
  const { network = [], ...others } = options
  if (typeof network === 'object') return { ...others, network }
  throw new ConfigError(`start(config): network: expected names of services, such as ['${Object.keys(services)[0]}']`)
}

/** An ES module that imports a config compiled to CommonJS gets the config in a property. */
function refuseWrapped(what: object): void {
  if (!isWrapped(what)) return
  throw new ConfigError(
    'start(config): the config is in the property "default", since its file is compiled to CommonJS: ' +
      'say start(config.default), or "type": "module" in package.json',
  )
}

function isWrapped(what: object | undefined): boolean {
  const inner: unknown = Reflect.get(Object(what), 'default')
  return typeof inner === 'object' && inner !== null && 'services' in inner
}

/** Starts one service. A definition that is in no config is named after its kind. */
async function startService(definition: ServiceDefinition, { network, ...options }: StartOptions): Promise<object> {
  const { kind, name = kind } = definition
  const config = configOf(definition) ?? checkConfig({ services: { [name]: definition } }, `start(${kind}())`)
  const session = await startSession(config, { ...options, only: [name], network: network ? [name] : [] })
  const service = session.services.get(name)
  if (!service) throw new ConfigError(`start(${kind}()): its config has no service "${name}"`)
  return createStartedService(service, session)
}

async function startSession(config: Config, options: StackOptions<string>): Promise<Session> {
  const { only, network, useExisting, directory = process.cwd(), signal, timeoutMs, onEvent } = options
  const prefix = config.prefix ?? defaultPrefix
  const profile = chosenProfile(prefix)
  const stack = { config, prefix, directory, project: 'the config of start()', names: only ?? [] }
  const onServiceEvent = (event: SessionEvent): void => {
    if ('service' in event) onEvent?.(event)
    if (event.kind === 'ready' && event.warning) process.emitWarning(`test-services: ${event.service} ${event.warning}`)
  }
  const session = openSession(stack, { profile, onEvent: onServiceEvent })
  const declared = useExisting === 'if-running' ? attachable(config, prefix) : undefined
  const existing = declared && { useExisting: true, declaredIn: declared }
  try {
    await session.enter({ only, network, signal, timeoutMs, uniqueInstance: profile === undefined, ...existing })
  } catch (thrown) {
    await session.end()
    throw thrown
  }
  return session
}

/**
 * Returns the environment without the services of scope `slot` in the list of running services; `undefined` if no list
 * is set.
 */
function attachable({ services }: Config, prefix: string): NodeJS.ProcessEnv | undefined {
  const labels = persistentLabels(process.env, prefix)
  const slotLabels = Object.entries(services)
    .filter(([, definition]) => scopeOf(definition) === 'slot')
    .map(([name]) => labelOf(name))
  const list = labels?.filter((label) => !slotLabels.includes(label)).join(',')
  return list === undefined ? undefined : { ...process.env, [persistentVariable(prefix)]: list }
}
