import { asError, hasCode, MissingBinaryError } from '../../kernel/errors.ts'
import { findPackage } from './npm-package.ts'

/**
 * Imports a client library that the user installs, when it is first needed.
 *
 * @param name name of the package
 * @param load imports the package: `() => import('mongodb')`
 * @throws ERR_MISSING_BINARY with the command that installs the package, a later version, or a missing part of it
 */
export async function optionalPeer<T>(name: string, load: () => Promise<T>): Promise<T> {
  const tooOld = findPackage(name)?.tooOld
  if (tooOld !== undefined) throw new MissingBinaryError(`${tooOld}: npm install --save-dev ${name}@latest`)
  try {
    return await load()
  } catch (thrown) {
    // The second code is of CommonJS.
    if (!hasCode(thrown, 'ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND')) throw thrown
    const [missing = ''] = asError(thrown).message.split('\n')
    const isWhole = missing.includes(`'${name}'`) || missing.includes(`'${name}/`)
    const what = isWhole ? 'not installed' : `installed, but incomplete: ${missing}`
    const advice = `npm install --save-dev ${name}`
    throw new MissingBinaryError(`the client library ${name} is ${what}: ${advice}`, { cause: thrown })
  }
}
