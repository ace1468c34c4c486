import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { valueUnless } from '../../kernel/value-unless.ts'

/**
 * Makes a directory and its missing parents, each for this user alone. Node's own `recursive` never returns if a
 * present directory refuses a child with ENOENT, as /proc does.
 */
export function makeDirectory(path: string): void {
  if (existsSync(path)) return
  makeDirectory(dirname(path))
  // Another process may have made the directory meanwhile.
  valueUnless(['EEXIST'], () => mkdirSync(path, { mode: 0o700 }))
}
