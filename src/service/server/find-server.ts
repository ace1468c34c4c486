import { statSync } from 'node:fs'
import { asError, ConfigError, MissingBinaryError } from '../../kernel/errors.ts'
import type { Candidate, Candidates } from './finding.ts'
import { findInImage } from './image-server.ts'
import { adviceAfter, describeInstall, type FailedSearch, packagesFor } from './install-advice.ts'
import { findInstalled } from './installed-server.ts'
import { findInPackage } from './npm-server.ts'
import type { FoundServer, ServerDescription, ServerOrigin } from './server-description.ts'
import type { ServerOptions } from './server-options.ts'

const loopback = '127.0.0.1'
/** In a container, every address: the engine forwards a port of 127.0.0.1 of this machine. */
const everyAddress = '0.0.0.0'
const defaultOrder: readonly ServerOrigin[] = ['npm', 'installed', 'container']

/** Aim of a search: a server, and the demands of a user. */
export interface Search {
  readonly description: ServerDescription
  readonly options: ServerOptions
  /** Base of a relative path in `binaries`. Default: the present directory. */
  readonly directory?: string | undefined
}

/**
 * Finds the server for the options of a user. Asks a program for its version only if the options demand a version.
 *
 * @throws ERR_MISSING_BINARY naming the programs and the places of the search, and the commands to install the server;
 *   ERR_CONTAINER if the options demand a container, and the engine or the image is missing; ERR_CONFIG for an origin
 *   unknown to the server's description
 */
export async function findServer(search: Search): Promise<FoundServer> {
  const { description, options } = search
  const origins = originsFor(description, options)
  const reasons: string[] = []
  const refused: ServerOrigin[] = []
  for (const origin of origins) {
    const candidates = await candidatesOf(origin, search)
    if ('missing' in candidates) {
      if (candidates.error && origins.length === 1) throw candidates.error
      reasons.push(`${origin}: ${candidates.missing}`)
    } else {
      const accepted = await firstAccepted(candidates, options.version)
      if ('path' in accepted) return foundServer(origin, accepted, description)
      reasons.push(...accepted.refusals.map((refusal) => `${origin}: ${refusal}`))
      refused.push(origin)
    }
  }
  throw noneFound({ description, options, origins, refused }, reasons)
}

/** Returns the origins in a description, in the order of the search. */
function originsOf({ programs, npm, image, order = defaultOrder }: ServerDescription): ServerOrigin[] {
  const has = { npm: npm !== undefined, installed: programs !== undefined, container: image !== undefined }
  return order.filter((origin) => has[origin])
}

export async function candidatesOf(
  origin: ServerOrigin,
  { description, options, directory }: Search,
): Promise<Candidates> {
  if (origin === 'container') return findInImage(description, options.image ?? description.image ?? '')
  if (origin === 'installed') return findInstalled(description, options.binaries, directory)
  return findInPackage(description.npm ?? '')
}

/**
 * Returns the origins permitted by a user, in the order of the search.
 *
 * @throws ERR_CONFIG for an origin unknown to the server's description; ERR_MISSING_BINARY for the npm package on a
 *   platform without one
 */
export function originsFor(description: ServerDescription, options: ServerOptions): readonly ServerOrigin[] {
  const { binaries } = options
  const origins = originsOf(description)
  const wanted = wantedOrigin(options)
  if (wanted === 'auto') {
    // A program named by the user wins over the npm package.
    return binaries === undefined ? origins : ['installed', ...origins.filter((origin) => origin !== 'installed')]
  }
  if (origins.includes(wanted)) return [wanted]
  if (wanted === 'npm' && description.noNpm) throw noPackage(description, options)
  throw new ConfigError(`${description.name}: from: expected ${['auto', ...origins].join(', ')}, got "${wanted}"`)
}

function noPackage(description: ServerDescription, options: ServerOptions): MissingBinaryError {
  const advice = adviceAfter({ description, options, origins: ['installed'], refused: [] })
  return new MissingBinaryError(
    `${description.noNpm}; install the server (${advice}), and leave out the option that demands the npm package`,
  )
}

/** Returns the origin from the option `from`, or else from the named program or image. */
function wantedOrigin({ from, binaries, image }: ServerOptions): ServerOrigin | 'auto' {
  if (from !== undefined) return from
  if (binaries !== undefined) return 'installed'
  return image === undefined ? 'auto' : 'container'
}

interface Refused {
  readonly refusals: readonly string[]
}

/** Returns the first candidate with the wanted version, or else the version of each. */
async function firstAccepted(
  candidates: readonly Candidate[],
  version: string | number | undefined,
): Promise<(Candidate & { readonly version?: string }) | Refused> {
  const [first] = candidates
  if (version === undefined && first) return first
  const refusals: string[] = []
  for (const candidate of candidates) {
    const found = await candidate.askVersion().catch(asError)
    if (typeof found === 'string' && (await satisfies(found, String(version)))) return { ...candidate, version: found }
    const what = candidate.image ?? candidate.path
    refusals.push(found instanceof Error ? found.message : `${what} is version ${found ?? 'unknown'}`)
  }
  return { refusals }
}

/** Version of a server before its release, such as `19beta1`. A demand for such a version admits no other. */
const preRelease = /^\d+(\.\d+)*(alpha|beta|rc)\d+$/

/** Loads the library late: a demand for a version is rare. For a range, a text such as `19beta1` counts as 19.0.0. */
export async function satisfies(version: string, range: string): Promise<boolean> {
  if (preRelease.test(range)) return version === range
  const { coerce, satisfies, validRange } = (await import('semver')).default
  if (validRange(range) === null)
    throw new ConfigError(`version: expected a version or a range such as "7.2" or ">=7", got ${JSON.stringify(range)}`)
  return satisfies(coerce(version) ?? '0.0.0', range)
}

function foundServer(
  origin: ServerOrigin,
  { path, tools, image, imageId, version }: Candidate & { readonly version?: string },
  description: ServerDescription,
): FoundServer {
  const install = describeInstall(description)
  const tool = (name: string): string => {
    const found = tools.get(name)
    if (found === undefined)
      throw new ConfigError(`${name} is not among the tools of the description of ${description.name}`)
    return found
  }
  const listenAddress = image === undefined ? loopback : everyAddress
  const identity = imageId ?? identityOf(path)
  return { origin, program: path, identity, listenAddress, image, version, install, tool }
}

function identityOf(path: string): string {
  const { size, mtimeMs } = statSync(path)
  return `${path} ${size} ${mtimeMs}`
}

function noneFound(search: FailedSearch, reasons: readonly string[]): MissingBinaryError {
  const { description, options, origins } = search
  const [wanted, purpose] =
    options.version === undefined ? ['', 'install it'] : [` ${options.version}`, 'get this version']
  const what = `no ${description.name}${wanted} was found`
  const lines = [...reasons, `to ${purpose}: ${adviceAfter(search)}`].map((line) => `\n  ${line}`)
  // A missing engine is no news if the server may come from elsewhere.
  const news = reasons.filter((reason) => reasons.length === 1 || !reason.startsWith('container: '))
  const packages = packagesFor(description, origins)
  const isInstallable = options.version === undefined && Object.keys(packages).length > 0
  const lack = isInstallable ? { what: `${what}: ${news.join(', and ')}`, packages } : undefined
  return new MissingBinaryError(`${what}:${lines.join('')}`, { lack })
}
