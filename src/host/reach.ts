import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  lstatSync,
  mkdirSync,
  realpathSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { StateDirectoryError } from '../kernel/errors.ts'
import { valueUnless } from '../kernel/value-unless.ts'
import { chownTree } from './files/copy-tree.ts'
import { type UnprivilegedAccount, unprivilegedAccount } from './unprivileged.ts'

const search = 0o1
const read = 0o4

/** Whether a server of this account can get to a path: search every directory on the way, read the last. */
export function canReach(path: string, account: UnprivilegedAccount): boolean {
  const real = realpathSync(path)
  const last = statSync(real)
  if (!permits(last, account, last.isDirectory() ? read | search : read)) return false
  return ancestors(real).every((directory) => permits(statSync(directory), account, search))
}

/** Gives a path to the account of a server. Does nothing if the server runs under our own identity. */
export function giveTo(path: string, { user }: UnprivilegedAccount): void {
  if (user) chownTree(path, user.uid, user.gid)
}

/** Writes a file that the account of a server alone can read. */
export async function writeForServer(path: string, text: string): Promise<void> {
  const { user } = await unprivilegedAccount()
  writeFileSync(path, text, { mode: 0o600 })
  if (user) chownSync(path, user.uid, user.gid)
}

/**
 * Returns a directory in which directories for a server of this account can be made: the preferred directory if the
 * account can get there; otherwise a directory of ours, which all may pass and none may list, below the first suitable
 * temporary directory.
 *
 * @throws ERR_STATE_DIRECTORY if no directory is suitable, or if the directory belongs to a different user
 */
export function reachableDirectory(preferred: string, account: UnprivilegedAccount): string {
  if (canReach(preferred, account)) return preferred
  const place = [tmpdir(), '/tmp', '/var/tmp', '/dev/shm'].find((path) => isUsable(path, account))
  if (!place)
    throw new StateDirectoryError(`no temporary directory that user ${account.user?.uid} can enter; set TMPDIR`)
  return ensureOwnDirectory(join(realpathSync(place), `test-services-open-${process.getuid?.() ?? 'user'}`), 0o711)
}

/**
 * Makes a directory of ours, or takes the existing directory if it is safe.
 *
 * @throws ERR_STATE_DIRECTORY if the existing directory is not safe
 */
export function ensureOwnDirectory(path: string, mode: number): string {
  valueUnless(['EEXIST'], () => mkdirSync(path, { mode }))
  const found = lstatSync(path)
  const isOurs = found.uid === (process.getuid?.() ?? found.uid) && (found.mode & 0o022) === 0
  if (!found.isDirectory() || !isOurs) {
    throw new StateDirectoryError(`${path} is not a directory that only we can write to; remove it, or set TMPDIR`)
  }
  // Restores the bits removed by the umask.
  if ((found.mode & mode) !== mode) chmodSync(path, mode)
  return path
}

/** Decides by mode bits, without capabilities: the account has none, even if we are root. */
function permits(found: Stats, { user }: UnprivilegedAccount, wanted: number): boolean {
  const uid = user?.uid ?? process.getuid?.() ?? found.uid
  const groups = user ? [user.gid] : (process.getgroups?.() ?? [])
  const shift = found.uid === uid ? 6 : groups.includes(found.gid) ? 3 : 0
  return ((found.mode >> shift) & wanted) === wanted
}

function isUsable(path: string, account: UnprivilegedAccount): boolean {
  const isPermitted = valueUnless(['ENOENT', 'EACCES', 'ENOTDIR', 'EROFS'], () => {
    accessSync(path, constants.W_OK)
    return [...ancestors(realpathSync(path)), path].every((each) => permits(statSync(each), account, search))
  })
  return isPermitted ?? false
}

function ancestors(path: string): string[] {
  const parent = dirname(path)
  return parent === path ? [] : [...ancestors(parent), parent]
}
