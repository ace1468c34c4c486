import { asError } from '../../kernel/errors.ts'
import { candidatesOf, originsFor, type Search, satisfies } from './find-server.ts'
import type { Candidate } from './finding.ts'
import { adviceAfter } from './install-advice.ts'
import type { ServerDescription, ServerOrigin } from './server-description.ts'
import type { ServerOptions } from './server-options.ts'

/** Whether a fixture can run on this machine. */
export interface Diagnosis {
  /** Facts for people, a line each: the programs for the fixture, and the reasons. */
  readonly facts: readonly string[]
  /** The missing program, and the command to install the program. Absent when the fixture can run. */
  readonly problem?: string
  /** npm packages to solve the problem. */
  readonly packages?: readonly string[]
}

/**
 * Returns the servers found for the options of a user, with versions; the first server is used by default.
 *
 * @param directory base of a relative path in `binaries`; default: the present directory
 * @throws ERR_CONFIG for an origin unknown to the server's description
 */
export async function diagnoseServer(
  description: ServerDescription,
  options: ServerOptions = {},
  directory?: string,
): Promise<Diagnosis> {
  const origins = originsFor(description, options)
  const looks = await Promise.all(origins.map((origin) => lookAt(origin, { description, options, directory })))
  const found = looks.flatMap((look) => look.found)
  const usable = found.filter(({ canRun }) => canRun)
  if (usable.length > 0) {
    const [first = '', ...others] = (options.version === undefined ? found : usable).map(({ fact }) => fact)
    return { facts: others.length > 0 ? [`${first}, the default`, ...others] : [first] }
  }
  const refused = looks.flatMap((look) => (look.found.length > 0 ? look.origin : []))
  const reasons = found.length > 0 ? found.map(({ fact }) => fact) : missingAt(looks)
  const advice = adviceAfter({ description, options, origins, refused })
  const isComplete = looks.length === 1 && looks[0]?.error !== undefined
  const problem = `${reasons.join(', and ')}${isComplete ? '' : `: ${advice}`}`
  return { facts: [], problem, ...(origins.includes('npm') && description.npm && { packages: [description.npm] }) }
}

/** Servers found at an origin. */
interface Look {
  readonly origin: ServerOrigin
  readonly found: readonly { readonly fact: string; readonly canRun: boolean }[]
  readonly missing?: string
  /** Error with advice for a missing container. */
  readonly error?: Error
}

async function lookAt(origin: ServerOrigin, search: Search): Promise<Look> {
  const candidates = await candidatesOf(origin, search)
  if ('missing' in candidates) return { origin, found: [], ...candidates }
  return { origin, found: await Promise.all(candidates.map((each) => describeCandidate(each, origin, search.options))) }
}

async function describeCandidate(
  { path, image, askVersion }: Candidate,
  origin: ServerOrigin,
  { version: wanted }: ServerOptions,
): Promise<Look['found'][number]> {
  const version = await askVersion().catch(asError)
  if (version instanceof Error) return { fact: `${origin}: ${version.message}`, canRun: false }
  const canRun = wanted === undefined || (await satisfies(version ?? '', String(wanted)))
  return { fact: `${origin}: ${version === undefined ? '' : `${version} in `}${image ?? path}`, canRun }
}

/** Returns the missing servers. A missing engine is no news on a machine without any server, unless asked for alone. */
function missingAt(looks: readonly Look[]): string[] {
  const news = looks.length > 1 ? looks.filter(({ origin }) => origin !== 'container') : looks
  return news.flatMap(({ missing = [] }) => missing)
}
