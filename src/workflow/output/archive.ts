import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { timestamp } from '../../kernel/clock.ts'

/** Name of the directory, beside the output directory, for the output of earlier runs. */
export const archiveName = 'archive'

/** Moves an output directory to `archive/<time>` beside the directory. Returns the new path. */
export function archive(directory: string): string {
  const place = join(dirname(directory), archiveName)
  mkdirSync(place, { recursive: true, mode: 0o700 })
  const target = freePath(join(place, timestamp().replaceAll(':', '-')))
  renameSync(directory, target)
  return target
}

/** Returns the path, with a number if something is there already. */
function freePath(path: string): string {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? path : `${path}-${number}`
    if (!existsSync(candidate)) return candidate
  }
}
