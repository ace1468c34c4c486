import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { namesIn } from '../host/files/names-in.ts'
import { asError, ConfigError } from '../kernel/errors.ts'

/** Returns what follows a prefix in the names of the packages installed for a directory, sorted. */
export function installedNames(prefix: string, directory: string): string[] {
  const installed = moduleDirectories(directory).flatMap((modules) => namesIn(modules))
  return installed.flatMap((name) => (name.startsWith(prefix) ? name.slice(prefix.length) : [])).sort()
}

/**
 * Returns the main module of a package installed for a directory; `undefined` if the package is not installed.
 *
 * @throws ERR_CONFIG for an installed package without a main module
 */
export function installedModule(specifier: string, directory: string): string | undefined {
  if (!moduleDirectories(directory).some((modules) => existsSync(join(modules, specifier)))) return undefined
  try {
    return createRequire(join(directory, 'package.json')).resolve(specifier)
  } catch (thrown) {
    throw new ConfigError(`${specifier} cannot be loaded; its "exports" need a "default": ${asError(thrown).message}`)
  }
}

function moduleDirectories(directory: string): string[] {
  const parent = dirname(directory)
  return [join(directory, 'node_modules'), ...(parent === directory ? [] : moduleDirectories(parent))]
}
