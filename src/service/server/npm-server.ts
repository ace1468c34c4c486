import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Candidates } from './finding.ts'

/**
 * Finds an npm package where an import of this package would find it. The file `package.json` is read directly, since
 * the exports of many packages hide it.
 */
export function findPackage(name: string): Candidates {
  const directories = createRequire(import.meta.url).resolve.paths(name) ?? []
  const path = directories
    .map((directory) => join(directory, name))
    .find((each) => existsSync(join(each, 'package.json')))
  if (path === undefined) return { missing: `the npm package ${name} is not installed` }
  const askVersion = async (): Promise<string> => {
    const { version } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as { version: string }
    return version
  }
  return [{ path, tools: new Map(), askVersion }]
}
