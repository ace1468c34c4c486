import { chmodSync, mkdirSync, rmdirSync } from 'node:fs'
import { removeTree } from '../host/remove-tree.ts'
import { valueUnless } from '../kernel/value-unless.ts'
import { doAs, type SudoUser } from '../process/sudo.ts'

/** A directory outside the run's own. If `user` is set, only that user can make and remove the directory. */
export interface OuterDirectory {
  readonly path: string
  readonly user?: SudoUser | undefined
}

/** Makes a directory; fails if the path exists. */
export async function makeDirectory({ path, user }: OuterDirectory, mode: number): Promise<void> {
  if (user) await doAs(user, { script: 'mkdir -m "$1" "$2"', args: [mode.toString(8), path] })
  else {
    mkdirSync(path, { mode })
    chmodSync(path, mode) // restores the bits removed by the umask
  }
}

/** Removes a directory and all its content. */
export async function removeDirectory({ path, user }: OuterDirectory): Promise<void> {
  // Makes read-only directories writable first.
  const script = 'rm -rf "$1" 2> /dev/null || { chmod -R u+rwx "$1"; rm -rf "$1"; }'
  if (user) await doAs(user, { script, args: [path] })
  else await removeTree(path)
}

/**
 * Removes a directory whose holder died before or just after making it. A directory with content existed before, and
 * stays.
 */
export async function removeIfEmpty({ path, user }: OuterDirectory): Promise<void> {
  if (user) await doAs(user, { script: 'rmdir "$1" 2> /dev/null || :', args: [path] })
  else valueUnless(['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'], () => rmdirSync(path))
}
