import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Worker } from 'node:worker_threads'
import { StateError } from '../../kernel/errors.ts'
import { isCompiled, type PackageModule, packageModules } from '../../kernel/package-modules.ts'
import type { HeldBy } from './server-settings.ts'

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

/** Returns the file of a module of this package: compiled, or the source. */
export function moduleFile(name: PackageModule): string {
  return join(packageDirectory(), isCompiled ? `dist/${name}.js` : packageModules[name])
}

/** Returns the URL of a module of this package, for an import in this process or in a sweep. */
export function moduleUrl(name: PackageModule): string {
  return pathToFileURL(moduleFile(name)).href
}

/** Returns the command line that runs a module as a program: compiled, or through `tsx` in the source tree. */
export function packageProgram(name: PackageModule): string[] {
  const file = moduleFile(name)
  return isCompiled ? [process.execPath, ...compiledProgram(file)] : [process.execPath, '--import', tsxLoader(), file]
}

/**
 * Writes the settings of a server program, and returns the command line that runs the program. It ends by itself when
 * this process has ended.
 */
export async function serverProgram(name: PackageModule, directory: string, settings: object): Promise<string[]> {
  const file = join(directory, 'settings.json')
  const held: HeldBy = { holder: process.pid }
  await writeFile(file, JSON.stringify({ ...settings, ...held }), { mode: 0o600 })
  return [...packageProgram(name), file]
}

/** Starts a thread that runs a module. On Node 20, a thread does not inherit the loader for TypeScript. */
export async function packageThread(name: PackageModule, workerData: unknown): Promise<Worker> {
  // Loaded late: most commands start no thread.
  const { Worker } = await import('node:worker_threads')
  const file = moduleFile(name)
  if (isCompiled) return new Worker(file, { workerData, execArgv: [] })
  const url = pathToFileURL(file).href
  // `require` finds the form for CommonJS, which registers no loader in a thread; the other form lies beside it.
  const api = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api')).href.replace(/\.cjs$/, '.mjs')
  const code = `import(${JSON.stringify(api)}).then(({ tsImport }) => tsImport(${JSON.stringify(url)}, ${JSON.stringify(url)}))`
  return new Worker(code, { eval: true, workerData, execArgv: [] })
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

/** Returns an absolute URL, since the program may be started in any directory. */
export function tsxLoader(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
}
