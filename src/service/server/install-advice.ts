import type { Lack } from '../../kernel/lack.ts'
import type { ServerDescription, ServerOrigin } from './server-description.ts'
import type { ServerOptions } from './server-options.ts'

const everyOrigin: readonly ServerOrigin[] = ['installed', 'npm', 'container']

/** Returns the ways to install a server from the origins: `apt-get install redis-server, or brew install redis`. */
export function describeInstall(description: ServerDescription, origins = everyOrigin): string {
  const { install = {}, npm, image } = description
  const archive = install.archive && `unpack an archive from ${install.archive}, and name its directory in "binaries"`
  return listWays(origins, {
    installed: [...systemPackages(install), ...(archive ? [archive] : [])],
    npm: npm === undefined ? [] : [`npm install --save-dev ${npm}`],
    container: image === undefined ? [] : [`docker pull ${image}`],
  })
}

type Packages = Lack['packages']

/** Returns the packages with a server from the origins. */
export function packagesFor(
  { install: { apt, brew } = {}, npm }: ServerDescription,
  origins: readonly ServerOrigin[],
): Packages {
  const system = origins.includes('installed') && { ...(apt && { apt }), ...(brew && { brew }) }
  return { ...system, ...(origins.includes('npm') && npm && { npm }) }
}

/** Returns the commands to install all packages: by npm alone if possible, else by a package manager as well. */
export function installTogether(lacking: readonly Packages[]): string {
  const isSystem = ({ apt, brew }: Packages): boolean => apt !== undefined || brew !== undefined
  const system = lacking.every(({ npm }) => npm) ? [] : lacking.filter(isSystem)
  const others = lacking.filter((packages) => !system.includes(packages))
  const ways = [commandFor('apt-get install', system, 'apt'), commandFor('brew install', system, 'brew')].flat()
  return [ways.join(', or '), ...commandFor('npm install --save-dev', others, 'npm')].filter(Boolean).join('; ')
}

function commandFor(command: string, lacking: readonly Packages[], manager: keyof Packages): string[] {
  const names = new Set(lacking.flatMap((packages) => packages[manager] ?? []))
  return names.size === 0 ? [] : [[command, ...names].join(' ')]
}

/** A search without a server found. */
export interface FailedSearch {
  readonly description: ServerDescription
  readonly options: ServerOptions
  readonly origins: readonly ServerOrigin[]
  /** Origins with servers of different versions only. */
  readonly refused: readonly ServerOrigin[]
}

/** Returns the ways to get the server wanted by a user. */
export function adviceAfter({ description, options: { version }, origins, refused }: FailedSearch): string {
  if (version === undefined) return describeInstall(description, origins)
  const { install = {}, npm, installVersion } = description
  if (installVersion) return installVersion(version)
  // A package manager of the system has a single version: of an installed server, probably the refused version.
  const packages = refused.includes('installed') ? [] : systemPackages(install)
  const archive = install.archive === undefined ? '' : `, from an archive of ${install.archive}`
  return listWays(origins, {
    installed: [
      ...packages.map((command) => `${command}, if that is version ${version}`),
      `name a program of version ${version} in "binaries"${archive}`,
    ],
    npm: [`npm install --save-dev "${npm}@${version}"`],
    container: [`name an image of version ${version} in "image"`],
  })
}

function systemPackages({ apt, brew, apk }: NonNullable<ServerDescription['install']>): string[] {
  const commands = [apt && `apt-get install ${apt}`, brew && `brew install ${brew}`, apk && `apk add ${apk}`]
  return commands.filter((command) => command !== undefined)
}

function listWays(origins: readonly ServerOrigin[], ways: Record<ServerOrigin, readonly string[]>): string {
  return everyOrigin.flatMap((origin) => (origins.includes(origin) ? ways[origin] : [])).join(', or ')
}
