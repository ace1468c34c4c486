import { chmodSync, lstatSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '../../kernel/errors.ts'
import { valueUnless } from '../../kernel/value-unless.ts'

const options = { recursive: true, force: true, maxRetries: 3 } as const

/**
 * Removes a directory with its whole content; a missing directory is no error. Read-only directories inside, such as
 * Go's module cache, are made writable first: otherwise an ordinary user could not remove their entries.
 */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, options)
  } catch (thrown) {
    if (!hasCode(thrown, 'EACCES', 'EPERM')) throw thrown
    unlock(path)
    await rm(path, options)
  }
}

/** Makes directories writable. Entries may disappear meanwhile: the failed removal still has removals under way. */
function unlock(path: string): void {
  valueUnless(['ENOENT'], () => {
    if (!lstatSync(path).isDirectory()) return
    chmodSync(path, 0o700)
    for (const name of readdirSync(path)) unlock(join(path, name))
  })
}
