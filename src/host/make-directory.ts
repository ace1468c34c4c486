import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { hasCode } from '../kernel/errors.ts'

/**
 * Makes a directory and its missing parents, each for this user alone. Node's own `recursive` never returns if a
 * present directory refuses a child with ENOENT, as /proc does.
 */
export function makeDirectory(path: string): void {
  if (existsSync(path)) return
  makeDirectory(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (thrown) {
    if (!hasCode(thrown, 'EEXIST')) throw thrown // made by another process meanwhile
  }
}
