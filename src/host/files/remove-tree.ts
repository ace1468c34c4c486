import { chmodSync, lstatSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '../../kernel/errors.ts'
import { valueUnless } from '../../kernel/value-unless.ts'

const fewEntries = 16
const options = { recursive: true, force: true, maxRetries: 3 } as const

/**
 * Removes a directory with its whole content; a missing directory is no error. Read-only directories inside, such as
 * Go's module cache, are made writable first: otherwise an ordinary user could not remove their entries.
 */
export async function removeTree(path: string): Promise<void> {
  try {
    if (!removeFewFiles(path)) await rm(path, options)
  } catch (thrown) {
    if (!hasCode(thrown, 'EACCES', 'EPERM')) throw thrown
    unlock(path)
    await rm(path, options)
  }
}

/**
 * Removes a directory of few files in a fifth of the time that `rm` takes. Returns `false` for other directories, and
 * for a directory that changes meanwhile.
 */
function removeFewFiles(path: string): boolean {
  const removed = valueUnless(['ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'EBUSY'], () => {
    const entries = readdirSync(path, { withFileTypes: true })
    if (entries.length > fewEntries || entries.some((entry) => entry.isDirectory())) return false
    for (const { name } of entries) unlinkSync(join(path, name))
    rmdirSync(path)
    return true
  })
  return removed ?? false
}

/** Makes directories writable. Entries may disappear meanwhile: the failed removal still has removals under way. */
function unlock(path: string): void {
  valueUnless(['ENOENT'], () => {
    if (!lstatSync(path).isDirectory()) return
    chmodSync(path, 0o700)
    for (const name of readdirSync(path)) unlock(join(path, name))
  })
}
