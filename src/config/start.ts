import { ConfigError } from '../kernel/errors.ts'
import { isServiceDefinition, type ServiceDefinition, type ServiceOf } from '../service/definition.ts'
import { labelOf } from '../service/label.ts'
import { defaultPrefix, persistentLabels, persistentVariable } from '../service/variables.ts'
import type { Definitions } from '../session/catalogue.ts'
import type { SessionListener } from '../session/events.ts'
import type { Session } from '../session/session.ts'
import { type Config, type ConfigInput, checkConfig, configOf } from './define-config.ts'
import { chosenProfile, openSession } from './stack.ts'
import { createStartedService } from './started-service.ts'
import { createStartedStack, refuseReservedNames, type StartedStack } from './started-stack.ts'

/** Options of `start`. */
export interface StartOptions {
  /**
   * `'if-running'`: attach to what `LP_PERSISTENT_TEST_SERVICES` declares as running, with a part of one's own (for
   * Postgres a database), and start the rest. A service that needs others is started too, unless its `scope` is
   * `'run'`: the running one stands above their shared part, not above this caller's own. Default: `false`, instances of one's own.
   */
  readonly useExisting?: 'if-running' | false | undefined
  /** Gives up, undoes everything, and throws ERR_CANCELED. */
  readonly signal?: AbortSignal | undefined
  /** For the whole start, in milliseconds. Default: 60,000. */
  readonly timeoutMs?: number | undefined
  /** Where relative paths of the services' options start. Default: the present directory. */
  readonly directory?: string | undefined
  /** Hears what happens to the services; what it throws is ignored. */
  readonly onEvent?: SessionListener | undefined
}

/** Options of `start` for a config. */
export interface StackOptions<Name extends PropertyKey> extends StartOptions {
  /** Only these services, and what they need. Default: all of the config. */
  readonly only?: readonly Name[] | undefined
}

/** Brings a definition's instance up with all that it needs; its `cleanUp` stops it and all that it needed. */
export async function start<D extends ServiceDefinition>(definition: D, options?: StartOptions): Promise<ServiceOf<D>>
/** Brings the services of a config up; `cleanUp` stops them. Each stands under its name: `stack.db`. */
export async function start<const D extends Definitions, const Name extends keyof D = keyof D>(
  config: ConfigInput<D>,
  options?: StackOptions<Name>,
): Promise<StartedStack<Pick<D, Name>>>
/**
 * Brings services up for whoever calls, in any test runner, and gives them back ready.
 *
 * @throws ERR_CONFIG for a config that makes no sense; what `ExternalService.setUp` throws
 */
export async function start(
  what: ServiceDefinition | ConfigInput<Definitions>,
  options: StackOptions<string> = {},
): Promise<object> {
  if (isServiceDefinition(what)) return startService(what, options)
  const config = checkConfig(what, 'start(config)')
  refuseReservedNames(config)
  return createStartedStack(config, await startSession(config, options))
}

/** A definition that stands in no config has its kind for a name. */
async function startService(definition: ServiceDefinition, options: StartOptions): Promise<object> {
  const { kind, name = kind } = definition
  const config = configOf(definition) ?? checkConfig({ services: { [name]: definition } }, `start(${kind}())`)
  const session = await startSession(config, { ...options, only: [name] })
  const service = session.services.get(name)
  if (!service) throw new ConfigError(`start(${kind}()): its config has no service "${name}"`)
  return createStartedService(service, session)
}

async function startSession(config: Config, options: StackOptions<string>): Promise<Session> {
  const { only, useExisting, directory = process.cwd(), signal, timeoutMs, onEvent } = options
  const prefix = config.prefix ?? defaultPrefix
  const profile = chosenProfile(prefix)
  const stack = { config, prefix, directory, project: directory, names: only ?? [] }
  const session = openSession(stack, { profile, ...(onEvent && { onEvent }) })
  const declared = useExisting === 'if-running' ? attachable(config, prefix) : undefined
  const existing = declared && { useExisting: true, declaredIn: declared }
  try {
    await session.enter({ only, signal, timeoutMs, uniqueInstance: profile === undefined, ...existing })
  } catch (thrown) {
    await session.end()
    throw thrown
  }
  return session
}

/** The environment with a list of running services that names only those which need no other; `undefined` without one. */
function attachable({ services }: Config, prefix: string): NodeJS.ProcessEnv | undefined {
  const labels = persistentLabels(process.env, prefix)
  const isOwn = ([, { needs, scope }]: [string, ServiceDefinition]): boolean => needs.length > 0 && scope !== 'run'
  const dependants = Object.entries(services)
    .filter(isOwn)
    .map(([name]) => labelOf(name))
  const list = labels?.filter((label) => !dependants.includes(label)).join(',')
  return list === undefined ? undefined : { ...process.env, [persistentVariable(prefix)]: list }
}
