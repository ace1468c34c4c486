// biome-ignore lint/style/noRestrictedImports: has Node check the syntax of a file
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { temporaryDirectory } from '../host/files/temporary-directory.ts'
import { redirectSources } from '../host/modules/package-program.ts'
import { asError, hasCode, TestServicesError } from '../kernel/errors.ts'
import type { Config } from './define-config.ts'
import { readConfig } from './read-config.ts'

/** A config with its place. */
export interface LoadedConfig {
  readonly config: Config
  readonly file: string
  /** Directory in which its relative paths start. */
  readonly directory: string
}

/**
 * Loads a config file. Node itself compiles TypeScript if it can; otherwise `tsx` does.
 *
 * @throws ERR_CONFIG naming the file and the mistake; ERR_STATE_DIRECTORY
 */
export async function loadConfig(file: string): Promise<LoadedConfig> {
  const path = resolve(file)
  // Checks the temporary directory, which the compiler needs: its own error would name neither the directory nor the
  // cure.
  if (needsCompiler(path)) temporaryDirectory()
  return { config: await readConfig(path, importDefault), file: path, directory: dirname(path) }
}

async function importDefault(path: string): Promise<unknown> {
  if (needsCompiler(path)) await registerCompiler()
  if (isTypeScript(path)) await redirectSources()
  try {
    const module = (await import(pathToFileURL(path).href)) as { default?: unknown }
    return unwrap(module.default)
  } catch (thrown) {
    if (thrown instanceof TestServicesError) throw thrown
    const error = asError(thrown)
    if (hasCode(error, 'ERR_INVALID_MODULE_SPECIFIER') && path.includes('\\'))
      throw new Error('Node imports no module from a path with a backslash in it; rename the directory', {
        cause: thrown,
      })
    throw new Error(`${error.message}${placeIn(path, error)}`, { cause: thrown })
  }
}

/** Describes the place of an error in the file, as far as the place is known. */
function placeIn(path: string, { message, stack = '' }: Error): string {
  if (message.includes('outside a module')) return '; its package is of type "commonjs": rename the file to .mjs'
  const lines = stack.split('\n').map((line) => line.trim())
  // Where Node itself compiles TypeScript, a syntax error begins with its place.
  const isPlace = (line: string): boolean => line.startsWith('at ') || line.startsWith('file:')
  const place = lines.find((line) => isPlace(line) && line.includes(path)) ?? placeOfSyntaxError(path)
  return place ? `\n  ${place}` : ''
}

/** Finds the place of a syntax error by `node --check`: Node reports the place only for its main program. */
function placeOfSyntaxError(path: string): string | undefined {
  if (/ts$/.test(path)) return undefined
  const { stderr } = spawnSync(process.execPath, ['--check', path], { encoding: 'utf8' })
  return stderr.split('\n').find((line) => line.includes(`${path}:`))
}

/**
 * Unwraps the export. In a package of type `commonjs`, a compiled `export default` is a property of the module's
 * default.
 */
function unwrap(value: unknown): unknown {
  const inner = value as { __esModule?: boolean; default?: unknown } | undefined
  return inner?.__esModule ? inner.default : value
}

function isTypeScript(path: string): boolean {
  return /\.[cm]?ts$/.test(path)
}

function needsCompiler(path: string): boolean {
  if (!/\.m?ts$/.test(path)) return false
  const isCompiledByNode = Boolean((process.features as { typescript?: unknown }).typescript)
  return !isCompiledByNode || (path.endsWith('.ts') && isCommonJs(dirname(path)))
}

/** Whether Node refuses `import` in the files of a package, such as a package made by `npm init`. */
function isCommonJs(directory: string): boolean {
  const manifest = join(directory, 'package.json')
  if (existsSync(manifest)) return JSON.parse(readFileSync(manifest, 'utf8')).type === 'commonjs'
  const parent = dirname(directory)
  return parent !== directory && isCommonJs(parent)
}

let registered = false

async function registerCompiler(): Promise<void> {
  if (registered || process.execArgv.some((option) => option.includes('tsx'))) return
  const [commonJs, modules] = await Promise.all([import('tsx/cjs/api'), import('tsx/esm/api')])
  // In a package without "type": "module" a config is compiled to CommonJS.
  commonJs.register()
  modules.register()
  registered = true
}
