import { readdirSync } from 'node:fs'
import { hasCode } from '../kernel/errors.ts'

/** Returns the names in a directory; an empty list if the directory does not exist. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return []
    throw thrown
  }
}
