import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { StateError } from '../kernel/errors.ts'

/** Programs of this package that run as processes of their own: the name in `dist`, the file in the sources. */
const programs = {
  sweep: 'src/run/sweep-main.ts',
  helper: 'src/helper/main.ts',
  'fixtures/librarian-server': 'fixtures/librarian/server.ts',
} as const

/** Returns this package's own directory: in the source tree, or below `node_modules`. */
export function packageDirectory(): string {
  return directoryWithManifest(dirname(fileURLToPath(import.meta.url)))
}

/** @throws ERR_STATE if the code was bundled into an application that is not a package: its programs cannot be found */
function directoryWithManifest(directory: string): string {
  if (existsSync(join(directory, 'package.json'))) return directory
  const parent = dirname(directory)
  if (parent !== directory) return directoryWithManifest(parent)
  throw new StateError(
    `there is no package.json above ${import.meta.url}: install test-services as a package, unbundled`,
  )
}

/** Returns the command line that runs a program of this package: compiled, or through `tsx` in the source tree. */
export function packageProgram(name: keyof typeof programs): string[] {
  if (isCompiled()) return [process.execPath, ...compiledProgram(join(packageDirectory(), 'dist', `${name}.js`))]
  return [process.execPath, '--import', tsxLoader(), join(packageDirectory(), programs[name])]
}

/** Adds the option for source maps in the bundle of a checkout; the installed package has no source maps. */
function compiledProgram(file: string): string[] {
  return existsSync(`${file}.map`) ? ['--enable-source-maps', file] : [file]
}

/**
 * Redirects imports of our sources to the bundle that a checkout's command runs from. Without the redirection, a config
 * in the checkout would import the sources, and the process would hold every module twice. Does nothing in an installed
 * package.
 */
export async function redirectSources(): Promise<void> {
  const redirection = join(packageDirectory(), 'redirect-sources.mjs')
  if (existsSync(redirection)) await import(pathToFileURL(redirection).href)
}

function isCompiled(): boolean {
  return !import.meta.url.endsWith('.ts')
}

/** Returns an absolute URL, since the program may be started in any directory. */
export function tsxLoader(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
}

/** Returns the URL of the module that runs the exit of an environment if the holder dies. */
export function actionExitModule(): string {
  const path = isCompiled() ? 'dist/action-exit-reclaim.js' : 'src/action/workspace/exit-reclaim.ts'
  return pathToFileURL(join(packageDirectory(), path)).href
}

/**
 * Returns the URL of a bundled fixture's `reclaim.ts`. A sweep imports this module to remove the fixture's traces in a
 * shared instance.
 */
export function reclaimModule(fixture: string): string {
  const path = isCompiled() ? `dist/fixtures/${fixture}-reclaim.js` : `fixtures/${fixture}/reclaim.ts`
  return pathToFileURL(join(packageDirectory(), path)).href
}
