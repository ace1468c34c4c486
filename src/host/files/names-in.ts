import { readdirSync } from 'node:fs'
import { valueUnless } from '../../kernel/value-unless.ts'

/** Returns the names in a directory; an empty list if there is no such directory. */
export function namesIn(directory: string): string[] {
  return valueUnless(['ENOENT', 'ENOTDIR'], () => readdirSync(directory)) ?? []
}
