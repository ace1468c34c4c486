import { resolve } from 'node:path'
import { Deadline } from '../kernel/deadline.ts'
import { ConfigError, UsageError } from '../kernel/errors.ts'
import { didYouMean } from '../kernel/suggestion.ts'
import { defaultTimeoutMs } from '../service/set-up-options.ts'
import { defaultPrefix } from '../service/variables.ts'
import type { Definitions } from '../session/catalogue.ts'
import type { SessionListener } from '../session/events.ts'
import { Session } from '../session/session.ts'
import type { SessionOptions } from '../session/session-options.ts'
import { bundledFixtures, isBundledFixture, loadBundledFixture } from './bundled-fixtures.ts'
import { type Config, defineConfig } from './define-config.ts'
import { findConfig } from './find-config.ts'
import { type LoadedConfig, loadConfig } from './load-config.ts'

/** Which services a person or a test asks for, and how. */
export interface StackRequest {
  /** Where the config is looked for, from here upward. */
  readonly directory: string
  /** The services asked for by name. Default: all of the config, or Postgres where there is none. */
  readonly names?: readonly string[]
  readonly configFile?: string | undefined
  readonly prefix?: string | undefined
  /** Gives up a config file that has not finished loading. */
  readonly signal?: AbortSignal | undefined
  /** For loading the config file, in milliseconds. Default: 60,000, as for the start that follows. */
  readonly timeoutMs?: number | undefined
}

/** The config that answers a request: the project's own, or bundled fixtures. */
export interface Stack {
  readonly config: Config
  /** What a helper of this project is found by: the config file, else the directory. */
  readonly project: string
  /** Where relative paths start. */
  readonly directory: string
  readonly prefix: string
  readonly names: readonly string[]
}

/**
 * @throws ERR_USAGE for an unknown service, ERR_CONFIG for a config that makes no sense, ERR_DEADLINE or ERR_CANCELED
 * for one that does not finish loading in time
 */
export async function findStack(request: StackRequest): Promise<Stack> {
  const { directory, names = [], prefix } = request
  const loaded = await loadInTime(request)
  const config = loaded?.config ?? (await bundledConfig(names))
  for (const name of names)
    if (!(name in config.services)) throw unknownService(name, Object.keys(config.services), loaded?.file)
  return {
    config,
    project: loaded?.file ?? directory,
    directory: loaded?.directory ?? directory,
    prefix: prefix ?? config.prefix ?? defaultPrefix,
    names,
  }
}

/** What a config waits for at its top level has no end that we know. */
async function loadInTime(request: StackRequest): Promise<LoadedConfig | undefined> {
  const { directory, configFile, timeoutMs = defaultTimeoutMs, signal } = request
  const file = configFile ? resolve(configFile) : findConfig(directory)
  if (file === undefined) return undefined
  return new Deadline(`loading the config file ${file}`, timeoutMs, signal).race(() => loadConfig(file))
}

/** The bundled fixtures that a project without a config file means by naming none. */
export const defaultFixtures = ['postgres'] as const

/** The services that are meant where none is named. */
export function offeredBy({ config, ...stack }: Stack): readonly string[] {
  return hasConfigFile(stack) ? Object.keys(config.services) : defaultFixtures
}

function hasConfigFile({ project, directory }: Pick<Stack, 'project' | 'directory'>): boolean {
  return project !== directory
}

async function bundledConfig(names: readonly string[]): Promise<Config> {
  const wanted = names.length > 0 ? names : defaultFixtures
  const entries = wanted.map(async (name) => {
    if (!isBundledFixture(name)) throw unknownService(name, bundledFixtures)
    return [name, await loadBundledFixture(name)] as const
  })
  return defineConfig({ services: Object.fromEntries(await Promise.all(entries)) as Definitions })
}

function unknownService(name: string, known: readonly string[], file?: string): UsageError {
  const where = file ? `in ${file}` : 'among the bundled fixtures, and no test-services.config.ts was found'
  return new UsageError(
    `unknown service "${name}"${didYouMean(name, known)}: there is none of that name ${where}; expected ${known.join(', ')}`,
  )
}

/** How the services of a stack are to be had. */
export interface Holding {
  /** The name of the profile whose configured instances are wanted; see `chosenProfile`. */
  readonly profile?: string | undefined
  readonly onEvent?: SessionListener
}

type ProfileOptions = NonNullable<SessionOptions<Definitions>['profile']>

/** @throws ERR_CONFIG when there is no such profile */
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

/** The profile that `LP_CONFIG` names: its presence asks for the configured instances instead of unique ones. */
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
