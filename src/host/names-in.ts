import { readdirSync } from 'node:fs'
import { hasCode } from '../kernel/errors.ts'

/** The names in a directory; none where there is none. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return []
    throw thrown
  }
}
