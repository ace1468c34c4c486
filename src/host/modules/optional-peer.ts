import { createRequire } from 'node:module'
import { asError, hasCode, MissingBinaryError } from '../../kernel/errors.ts'
import { findPackage } from './npm-package.ts'

// Codes of `import` and of `require`.
const notFound = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']

/**
 * Imports a client library that the user installs, when it is first needed.
 *
 * @param name name of the package
 * @param load imports the package: `() => import('mongodb')`
 * @throws ERR_MISSING_BINARY with the command that installs the package, a later version, or a missing part of it
 */
export async function optionalPeer<T>(name: string, load: () => Promise<T>): Promise<T> {
  const old = tooOld(name)
  if (old) throw old
  try {
    return await load()
  } catch (thrown) {
    if (!hasCode(thrown, ...notFound)) throw thrown
    const [missing = ''] = asError(thrown).message.split('\n')
    const isWhole = missing.includes(`'${name}'`) || missing.includes(`'${name}/`)
    throw notInstalled(name, isWhole ? 'not installed' : `installed, but incomplete: ${missing}`, thrown)
  }
}

/** Returns the error of a client library that is not installed or too old. The library is not loaded. */
export function missingPeer(name: string): MissingBinaryError | undefined {
  const old = tooOld(name)
  if (old || canResolve(name)) return old
  return notInstalled(name, 'not installed')
}

function canResolve(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name)
    return true
  } catch (thrown) {
    // A package for `import` alone is installed, too.
    return !hasCode(thrown, ...notFound)
  }
}

function tooOld(name: string): MissingBinaryError | undefined {
  const what = findPackage(name)?.tooOld
  return what === undefined ? undefined : lacking(what, `${name}@latest`)
}

function notInstalled(name: string, what: string, cause?: unknown): MissingBinaryError {
  return lacking(`the client library ${name} is ${what}`, name, cause)
}

function lacking(what: string, npm: string, cause?: unknown): MissingBinaryError {
  const options = cause === undefined ? {} : { cause }
  return new MissingBinaryError(`${what}: npm install --save-dev ${npm}`, {
    ...options,
    lack: { what, packages: { npm } },
  })
}
