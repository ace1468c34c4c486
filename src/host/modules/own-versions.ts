import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageDirectory } from './package-program.ts'

/** Returns the versions of Node and of this package. */
export function ownVersions(): Record<string, string> {
  const { version } = JSON.parse(readFileSync(join(packageDirectory(), 'package.json'), 'utf8'))
  return { node: process.versions.node, 'test-services': version }
}
