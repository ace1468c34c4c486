import { existsSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { join } from 'node:path'
import type { Project } from './project.ts'

/** Packages without types of their own. A test compiles all examples with what `init` names. */
const untyped = ['pg', 'memjs', 'nodemailer']

/** Returns the packages that new files import, with the types that TypeScript needs; those that are missing. */
export function missingPackages(sources: readonly string[], { directory, language }: Project): string[] {
  const imported = sources.flatMap((source) =>
    Array.from(source.matchAll(/ from '([^.'][^']*)'/g), ([, specifier = '']) => packageOf(specifier)),
  )
  const used = untyped.filter((name) => imported.includes(name))
  const types = language === 'ts' ? ['node', ...used].map((name) => `@types/${name}`) : []
  return [...new Set([...imported, ...types])].filter((name) => !isBuiltin(name) && !isInstalled(name, directory))
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function isInstalled(name: string, directory: string): boolean {
  const places = createRequire(join(directory, 'package.json')).resolve.paths(name) ?? []
  return places.some((place) => existsSync(join(place, name)))
}
