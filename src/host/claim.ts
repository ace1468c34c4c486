import { mkdirSync, readlinkSync, symlinkSync, unlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { succeedsUnless, valueUnless } from '../kernel/value-unless.ts'

/**
 * Takes a name for one holder by making a symbolic link that does not exist yet. Unlike a file, a link has its content
 * from the first moment, even if its maker dies. The link points nowhere; its text is the holder. A claim ends when the
 * link is removed, by its holder or by the sweep of the holder's run; nobody else ever takes over a claim.
 */
export function tryClaim(path: string, holder: string): boolean {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  return succeedsUnless(['EEXIST'], () => symlinkSync(holder, path))
}

/** Returns the holder of the claim; `undefined` if there is no claim. */
export function claimHolder(path: string): string | undefined {
  return valueUnless(['ENOENT'], () => readlinkSync(path))
}

/** Ends a claim of this holder; does not touch claims of other holders. */
export function releaseClaim(path: string, holder: string): void {
  if (claimHolder(path) === holder) valueUnless(['ENOENT'], () => unlinkSync(path))
}
