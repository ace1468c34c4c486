import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

const names = ['ts', 'mts', 'js', 'mjs'].map((extension) => `test-services.config.${extension}`)

/** The config file of a project: in this directory or the nearest one above it. */
export function findConfig(directory: string): string | undefined {
  const found = names.map((name) => join(directory, name)).find(existsSync)
  if (found) return found
  const parent = dirname(directory)
  return parent === directory ? undefined : findConfig(parent)
}
