import { mkdirSync, readlinkSync, symlinkSync, unlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { hasCode } from '../kernel/errors.ts'

/**
 * Takes a name for one holder by making a symbolic link that nobody else has made: unlike a file it has its content
 * from the first moment, whoever dies. It points nowhere, its text is the holder. A claim ends when it is removed, by
 * its holder or by the sweep of the holder's run; nobody else ever takes it over.
 */
export function tryClaim(path: string, holder: string): boolean {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    symlinkSync(holder, path)
    return true
  } catch (thrown) {
    if (hasCode(thrown, 'EEXIST')) return false
    throw thrown
  }
}

/** Who holds the claim; `undefined` when nobody does. */
export function claimHolder(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return undefined
    throw thrown
  }
}

/** Ends a claim of this holder; one that is gone, or another's, is left alone. */
export function releaseClaim(path: string, holder: string): void {
  if (claimHolder(path) !== holder) return
  try {
    unlinkSync(path)
  } catch (thrown) {
    if (!hasCode(thrown, 'ENOENT')) throw thrown
  }
}
