import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { installedModule, installedNames } from '../../config/installed-modules.ts'
import { namesIn } from '../../host/files/names-in.ts'
import { ConfigError } from '../../kernel/errors.ts'
import { lazy } from '../../kernel/lazy.ts'
import { loadScript } from './load-script.ts'
import type { FoundScript, KnownScripts, ScriptModule } from './script.ts'

/** Name of the directory with the scripts of a project. */
const scriptDirectory = 'workflow-scripts'
const packagePrefix = 'test-services-script-'
const moduleForm = /^([a-z][a-z0-9_-]*)\.(ts|mts|js|mjs)$/

/** Loads each bundled script, by name. */
export type BundledScripts = Readonly<Record<string, () => Promise<ScriptModule>>>

/**
 * Returns the scripts for workflows in a directory. A script of the project comes before a bundled one of the same
 * name, and this one before that of a package. Among the project's scripts, the nearest directory wins.
 */
export function findScripts(directory: string, bundled: BundledScripts): KnownScripts {
  const places = lazy(() => projectPlaces(resolve(directory)))
  const fromProject = (name: string): FoundScript | undefined =>
    found(
      name,
      'project',
      firstDefined(places(), (place) => moduleIn(place, name)),
    )
  const fromBundle = (name: string): FoundScript | undefined => {
    const load = Object.hasOwn(bundled, name) ? bundled[name] : undefined
    return load && { name, origin: 'bundled', load: lazy(load) }
  }
  const fromPackage = (name: string): FoundScript | undefined =>
    found(name, 'package', installedModule(`${packagePrefix}${name}`, directory))
  return {
    find: (name) => fromProject(name) ?? fromBundle(name) ?? fromPackage(name),
    names: () => [
      ...new Set([
        ...Object.keys(bundled),
        ...places().flatMap((place) => namesIn(place).flatMap(scriptName)),
        ...installedNames(packagePrefix, directory),
      ]),
    ],
  }
}

/** Returns the directories of scripts: beside the workflow, and up to the root of the project, which has a manifest. */
function projectPlaces(directory: string): string[] {
  const above = directoriesAbove(directory)
  const root = above.findIndex((each) => existsSync(join(each, 'package.json')))
  const places = above.slice(0, root + 1 || 1).map((each) => join(each, scriptDirectory))
  return places.filter((place) => statSync(place, { throwIfNoEntry: false })?.isDirectory())
}

function directoriesAbove(directory: string): string[] {
  const parent = dirname(directory)
  return [directory, ...(parent === directory ? [] : directoriesAbove(parent))]
}

function moduleIn(place: string, name: string): string | undefined {
  const [file, other] = namesIn(place).filter((each) => scriptName(each)[0] === name)
  if (file === undefined) return undefined
  if (other === undefined) return join(place, file)
  throw new ConfigError(`the script ${name} has two files in ${place}, ${file} and ${other}; remove one of them`)
}

function scriptName(file: string): string[] {
  const name = /\.d\.m?ts$/.test(file) ? undefined : moduleForm.exec(file)?.[1]
  return name === undefined ? [] : [name]
}

function found(name: string, origin: 'project' | 'package', file: string | undefined): FoundScript | undefined {
  return file === undefined ? undefined : { name, origin, file, load: lazy(() => loadScript(file)) }
}

function firstDefined<T, R>(values: readonly T[], choose: (value: T) => R | undefined): R | undefined {
  for (const value of values) {
    const chosen = choose(value)
    if (chosen !== undefined) return chosen
  }
  return undefined
}
