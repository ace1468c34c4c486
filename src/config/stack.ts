import { extname, resolve } from 'node:path'
import { Deadline } from '../kernel/deadline.ts'
import { ConfigError, UsageError } from '../kernel/errors.ts'
import { didYouMean } from '../kernel/suggestion.ts'
import { defaultPrefix } from '../service/instance/variables.ts'
import { defaultTimeoutMs } from '../service/set-up-options.ts'
import type { SessionListener } from '../session/events.ts'
import type { Definitions } from '../session/service-registry.ts'
import { Session } from '../session/session.ts'
import type { SessionOptions } from '../session/session-options.ts'
import { type Config, checkConfig } from './define-config.ts'
import { configFileNames, findConfig } from './find-config.ts'
import { exportName, findFixture, fixtureNames, loadFixture } from './fixtures.ts'
import { type LoadedConfig, loadConfig } from './load-config.ts'

/** Request of a person or a test for services. */
export interface StackRequest {
  /** Directory from which the config is searched, upward. */
  readonly directory: string
  /** Names of the requested services. Default: all services of the config, or Postgres without a config. */
  readonly names?: readonly string[]
  readonly configFile?: string | undefined
  /** A config that is loaded already; no file is searched then. */
  readonly loaded?: LoadedConfig | undefined
  readonly prefix?: string | undefined
  /** Cancels the loading of a config file. */
  readonly signal?: AbortSignal | undefined
  /** Limit for loading the config file, in milliseconds. Default: 60,000, the same as for the start that follows. */
  readonly timeoutMs?: number | undefined
}

/** The config for a request: the project's own config, or bundled fixtures. */
export interface Stack {
  readonly config: Config
  /** How messages name the config, and by which a helper of this project is found: the config file, else the directory. */
  readonly project: string
  /** Directory in which relative paths start. */
  readonly directory: string
  readonly prefix: string
  readonly names: readonly string[]
}

/**
 * @throws ERR_USAGE for an unknown service, ERR_CONFIG for an invalid config, ERR_DEADLINE or ERR_CANCELED for a config
 *   that does not finish loading in time
 */
export async function findStack(request: StackRequest): Promise<Stack> {
  const { directory, names = [], prefix } = request
  const loaded = request.loaded ?? (await loadInTime(request))
  const config = await configFor(names, directory, loaded)
  const unknown = names.find((name) => !(name in config.services))
  if (unknown !== undefined && loaded) throw unknownService(unknown, loaded, directory)
  return {
    config,
    project: loaded?.file ?? directory,
    directory: loaded?.directory ?? directory,
    prefix: prefix ?? config.prefix ?? defaultPrefix,
    names,
  }
}

/** Loads the config file within a limit, because a config may wait forever at its top level. */
async function loadInTime(request: StackRequest): Promise<LoadedConfig | undefined> {
  const { directory, configFile, timeoutMs = defaultTimeoutMs, signal } = request
  const file = configFile ? resolve(configFile) : findConfig(directory)
  if (file === undefined) return undefined
  return new Deadline(`loading the config file ${file}`, timeoutMs, signal).race(() => loadConfig(file))
}

/** Bundled fixtures for a project without a config file, if no service is named. */
const defaultFixtures = ['postgres'] as const

/**
 * Describes which services are started if none is named and there is no config file. Commands print it, so that a
 * misspelt name of a config file is noticed.
 */
export function describeDefault(directory: string): string {
  const extensions = configFileNames.map(extname).join(', ')
  const looked = `no test-services.config file (${extensions}) in ${directory} or above it`
  return `${looked}: starting the bundled ${defaultFixtures.join(', ')}`
}

/** Returns the services that are meant if none is named. */
export function offeredBy({ config, ...stack }: Stack): readonly string[] {
  return hasConfigFile(stack) ? Object.keys(config.services) : defaultFixtures
}

/** Whether a stack has a config of the project, from a file or as an object, and not bundled fixtures alone. */
export function hasConfigFile({ project, directory }: Pick<Stack, 'project' | 'directory'>): boolean {
  return project !== directory
}

/** Returns the loaded config; without services in it, or without a config, one of the named fixtures. */
async function configFor(names: readonly string[], directory: string, loaded?: LoadedConfig): Promise<Config> {
  const isEnough = loaded && (names.length === 0 || Object.keys(loaded.config.services).length > 0)
  if (isEnough) return loaded.config
  const wanted = names.length > 0 ? names : defaultFixtures
  const entries = wanted.map(async (name) => {
    const fixture = findFixture(name, directory)
    if (!fixture) throw unknownFixture(name, directory, loaded)
    return [name, await loadFixture(fixture)] as const
  })
  const services = Object.fromEntries(await Promise.all(entries))
  return checkConfig({ ...loaded?.config, services }, 'config')
}

function unknownService(name: string, { config, file }: LoadedConfig, directory: string): UsageError {
  const fixture = findFixture(name, directory)
  const made = exportName(name)
  const advice = fixture ? `; to use ${fixture.specifier}, add "${made}: ${made}()" to its services` : ''
  return new UsageError(`${describeUnknown(name, Object.keys(config.services), `in ${file}`)}${advice}`)
}

function unknownFixture(name: string, directory: string, loaded: LoadedConfig | undefined): UsageError {
  const why = loaded ? `${loaded.file} has no services` : 'no test-services.config.ts was found'
  return new UsageError(describeUnknown(name, fixtureNames(directory), `among the fixtures, and ${why}`))
}

function describeUnknown(name: string, known: readonly string[], where: string): string {
  const hint = didYouMean(name, known)
  return `unknown service "${name}"${hint}: there is none of that name ${where}; expected ${known.join(', ')}`
}

/** How to hold the services of a stack. */
export interface Holding {
  /** Name of the profile with the wanted configured instances; see `chosenProfile`. */
  readonly profile?: string | undefined
  readonly onEvent?: SessionListener | undefined
}

type ProfileOptions = NonNullable<SessionOptions<Definitions>['profile']>

/** Opens a session with the services of a stack. @throws ERR_CONFIG for an unknown profile */
export function openSession(stack: Stack, { profile, onEvent }: Holding = {}): Session {
  const { prefix, directory, config } = stack
  const { services, environment } = config
  return new Session({
    services,
    prefix,
    directory,
    profile: profile === undefined ? undefined : profileOf(stack, profile),
    environment,
    onEvent,
  })
}

/** Returns the name of the profile in `LP_CONFIG`. Who has a profile starts configured instances. */
export function chosenProfile(prefix: string, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  return environment[`${prefix}_CONFIG`] || undefined
}

function profileOf({ config: { profiles = {} }, prefix, ...place }: Stack, name: string): ProfileOptions {
  const profile = profiles[name]
  if (profile) return profile as ProfileOptions
  const known = Object.keys(profiles)
  const hint = known.length > 0 ? `expected ${known.join(', ')}` : 'it has no profiles'
  const { project, directory } = place
  const why = hasConfigFile(place)
    ? ` in ${project}; ${hint}`
    : `: no test-services.config.ts was found from ${directory} upward`
  throw new ConfigError(`profiles.${name}, which ${prefix}_CONFIG asks for: there is no such profile${why}`)
}
