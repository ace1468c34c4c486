import { readdirSync } from 'node:fs'
import { valueUnless } from '../../kernel/value-unless.ts'

/** Returns the names in a directory; an empty list if the directory does not exist. */
export function namesIn(directory: string): string[] {
  return valueUnless(['ENOENT'], () => readdirSync(directory)) ?? []
}
