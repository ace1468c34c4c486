import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Allowed names of a config file. */
export const configFileNames: readonly string[] = ['ts', 'mts', 'js', 'mjs', 'cjs'].map(
  (extension) => `test-services.config.${extension}`,
)

/** Finds the config file of a project: in this directory or the nearest parent with a config file. */
export function findConfig(directory: string): string | undefined {
  const found = configFileNames.map((name) => join(directory, name)).find(existsSync)
  if (found) return found
  const parent = dirname(directory)
  return parent === directory ? undefined : findConfig(parent)
}
