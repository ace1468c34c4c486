import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { packageDirectory } from './package-program.ts'

/** An npm package that the user has installed. */
export interface NpmPackage {
  readonly directory: string
  readonly version: string
  /** Text that asks for a later version; absent if the version will do. */
  readonly tooOld?: string
}

interface Manifest {
  readonly version: string
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/**
 * Finds an npm package where an import of this package would find it. The file `package.json` is read directly, since
 * the exports of many packages hide it.
 */
export function findPackage(name: string): NpmPackage | undefined {
  const places = createRequire(import.meta.url).resolve.paths(name) ?? []
  const directory = places.map((place) => join(place, name)).find((each) => existsSync(join(each, 'package.json')))
  if (directory === undefined) return undefined
  const { version } = manifestIn(directory)
  const needed = manifestIn(packageDirectory()).peerDependencies?.[name] ?? ''
  if (!isOlder(version, needed)) return { directory, version }
  return { directory, version, tooOld: `the npm package ${name} is version ${version}, but ${needed} is needed` }
}

function manifestIn(directory: string): Manifest {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
}

/** Whether a version is below the lower bound of a range such as `>=3.13`. */
function isOlder(version: string, range: string): boolean {
  return version.localeCompare(range.replace(/^>=/, ''), 'en', { numeric: true }) < 0
}
