import { chmodSync, mkdirSync, rmdirSync } from 'node:fs'
import { removeTree } from '../host/files/remove-tree.ts'
import { valueUnless } from '../kernel/value-unless.ts'
import type { OtherUser } from '../process/other-user.ts'

/** A directory outside the run's own. If `user` is set, only that user can make and remove the directory. */
export interface OuterDirectory {
  readonly path: string
  readonly user?: OtherUser | undefined
}

/** Makes a directory; fails if the path exists. */
export async function makeDirectory({ path, user }: OuterDirectory, mode: number): Promise<void> {
  if (user) await user.makeDirectory(path, mode)
  else {
    mkdirSync(path, { mode })
    chmodSync(path, mode) // restores the bits removed by the umask
  }
}

/** Removes a directory and all its content. */
export async function removeDirectory({ path, user }: OuterDirectory): Promise<void> {
  if (user) await user.removeDirectory(path)
  else await removeTree(path)
}

/**
 * Removes a directory whose holder died before or just after making it. A directory with content existed before, and
 * stays.
 */
export async function removeIfEmpty({ path, user }: OuterDirectory): Promise<void> {
  if (user) await user.removeIfEmpty(path)
  else valueUnless(['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'], () => rmdirSync(path))
}
