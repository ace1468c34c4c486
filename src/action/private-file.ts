import { chownSync, closeSync, fchmodSync, fchownSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import type { Account } from './account.ts'

const fileMode = 0o600
const runnableMode = 0o700
const directoryMode = 0o700

/** How a file is to be: whose, and whether it is a program. */
export interface FileTraits {
  readonly owner: Account | undefined
  readonly isRunnable?: boolean
  /** `wx`: it must not exist yet. Default: what is there is replaced. */
  readonly flags?: 'w' | 'wx'
}

/** Writes a file that nobody but its owner (and root) can read: 0600, or 0700 where it is to be run. */
export function writePrivateFile(path: string, content: string, { owner, isRunnable, flags = 'w' }: FileTraits): void {
  const descriptor = openSync(path, flags, fileMode)
  try {
    // The mode first, the owner before the content; the umask has no say.
    fchmodSync(descriptor, isRunnable ? runnableMode : fileMode)
    if (owner) fchownSync(descriptor, owner.uid, owner.gid)
    writeFileSync(descriptor, content)
  } finally {
    closeSync(descriptor)
  }
}

/** Makes a directory that nobody but its owner (and root) can enter. */
export function makeOwnedDirectory(path: string, owner: Account | undefined): void {
  mkdirSync(path, { mode: directoryMode })
  giveDirectory(path, owner)
}

/** Makes an empty directory of ours the account's. */
export function giveDirectory(path: string, owner: Account | undefined): void {
  if (owner) chownSync(path, owner.uid, owner.gid)
}
