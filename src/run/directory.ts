import { chmodSync, mkdirSync, rmdirSync } from 'node:fs'
import { removeTree } from '../host/remove-tree.ts'
import { hasCode } from '../kernel/errors.ts'
import { doAs, type SudoUser } from '../process/sudo.ts'

/** A directory outside the run's own; of another user, as whom only it can be made and removed. */
export interface OuterDirectory {
  readonly path: string
  readonly user?: SudoUser | undefined
}

/** It must not exist yet. */
export async function makeDirectory({ path, user }: OuterDirectory, mode: number): Promise<void> {
  if (user) await doAs(user, { script: 'mkdir -m "$1" "$2"', args: [mode.toString(8), path] })
  else {
    mkdirSync(path, { mode })
    chmodSync(path, mode) // what the umask has taken
  }
}

/** With all that is in it. */
export async function removeDirectory({ path, user }: OuterDirectory): Promise<void> {
  // What somebody has locked is unlocked first.
  const script = 'rm -rf "$1" 2> /dev/null || { chmod -R u+rwx "$1"; rm -rf "$1"; }'
  if (user) await doAs(user, { script, args: [path] })
  else await removeTree(path)
}

/** The holder died between the record and the making, or just after it: what is not empty was there before. */
export async function removeIfEmpty({ path, user }: OuterDirectory): Promise<void> {
  if (user) return doAs(user, { script: 'rmdir "$1" 2> /dev/null || :', args: [path] })
  try {
    rmdirSync(path)
  } catch (thrown) {
    if (!hasCode(thrown, 'ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR')) throw thrown
  }
}
