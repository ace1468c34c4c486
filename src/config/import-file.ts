// biome-ignore lint/style/noRestrictedImports: has Node check the syntax of a file
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { temporaryDirectory } from '../host/files/temporary-directory.ts'
import { redirectSources } from '../host/modules/package-program.ts'
import { asError, hasCode, TestServicesError } from '../kernel/errors.ts'

type Exports = Readonly<Record<string, unknown>>

/**
 * Checks the temporary directory if the file has to be compiled: the compiler's own error would name neither the
 * directory nor the cure.
 *
 * @throws ERR_STATE_DIRECTORY
 */
export function checkCompilable(path: string): void {
  if (needsCompiler(path)) temporaryDirectory()
}

/**
 * Imports a config or a script of a user, and returns its exports. Node itself compiles TypeScript if it can; otherwise
 * `tsx` does.
 *
 * @param path absolute path
 * @throws the error of the file, with the place in the file as far as it is known
 */
export async function importFile(path: string): Promise<Exports> {
  if (needsCompiler(path)) await registerCompiler()
  if (isTypeScript(path)) await redirectSources()
  try {
    return unwrap(await import(pathToFileURL(path).href))
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
 * Unwraps the exports. In a package of type `commonjs`, the exports of a compiled file are properties of the module's
 * default.
 */
function unwrap(module: Exports): Exports {
  const inner = module.default as { __esModule?: boolean } | undefined
  return inner?.__esModule ? (inner as Exports) : module
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
  // Files become CommonJS or modules, as the package says.
  commonJs.register()
  modules.register()
  registered = true
}
