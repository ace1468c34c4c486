import { chownSync, closeSync, fchmodSync, fchownSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { type Account, otherUser } from './account.ts'

const fileMode = 0o600
const runnableMode = 0o700
const directoryMode = 0o700

/** Owner and mode of a file. */
export interface FileTraits {
  readonly owner: Account | undefined
  readonly isRunnable?: boolean
  /** `wx` fails if the file exists; `w` replaces the file. Default: `w`. */
  readonly flags?: 'w' | 'wx'
}

/** Writes a file readable only by the owner (and root): mode 0600, or 0700 for a program. */
export function writePrivateFile(
  path: string,
  content: string | Buffer,
  { owner, isRunnable, flags = 'w' }: FileTraits,
): void {
  const mode = isRunnable ? runnableMode : fileMode
  const user = otherUser(owner)
  if (user) user.writeFile(path, content, mode)
  else writeOwn(path, content, { owner, mode, flags })
}

function writeOwn(
  path: string,
  content: string | Buffer,
  traits: Required<Omit<FileTraits, 'isRunnable'>> & { mode: number },
) {
  const { owner, mode, flags } = traits
  const descriptor = openSync(path, flags, fileMode)
  try {
    // The mode first, then the owner, then the content. `fchmod` ignores the umask.
    fchmodSync(descriptor, mode)
    if (owner) fchownSync(descriptor, owner.uid, owner.gid)
    writeFileSync(descriptor, content)
  } finally {
    closeSync(descriptor)
  }
}

/** Removes a file; does nothing for a missing file. */
export function removePrivateFile(path: string, owner: Account | undefined): void {
  const user = otherUser(owner)
  if (user) user.removeFile(path)
  else rmSync(path, { force: true })
}

/** Makes a directory for the owner (and root) alone. */
export function makeOwnedDirectory(path: string, owner: Account | undefined): void {
  const user = otherUser(owner)
  if (user) user.ensureDirectory(path)
  else {
    mkdirSync(path, { mode: directoryMode })
    giveDirectory(path, owner)
  }
}

/** Gives an empty directory of ours to the account, if this process is root. */
export function giveDirectory(path: string, owner: Account | undefined): void {
  if (owner?.via === 'root') chownSync(path, owner.uid, owner.gid)
}
