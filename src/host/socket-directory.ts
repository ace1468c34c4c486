import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StateDirectoryError } from '../kernel/errors.ts'
import { temporaryDirectory } from './files/temporary-directory.ts'
import { canReach } from './reach.ts'
import { randomName } from './secret.ts'
import type { UnprivilegedAccount } from './unprivileged.ts'

/**
 * Longest path of a socket. `sun_path` holds 108 bytes on Linux and 104 on macOS with the final NUL; Node 20 cuts
 * longer paths without a word.
 */
const longestSocketPath = 103
const prefix = 'ts-'
const randomLength = 8

/**
 * Returns the path of a directory yet to be made, unused and short enough for the sockets of any server inside.
 *
 * @param account account of the server, which must be able to enter the directory
 */
export function chooseSocketDirectory(longestSocketName: number, account?: UnprivilegedAccount): string {
  const places = [temporaryDirectory(), '/tmp'].filter(
    (place) => isOneLine(place) && (!account || canReach(place, account)),
  )
  const base = places.find((place) => lengthIn(place, longestSocketName) <= longestSocketPath)
  if (base) return join(base, `${prefix}${randomName(randomLength)}`)
  const longest = join(tmpdir(), prefix)
  throw new StateDirectoryError(
    `the socket path ${longest} needs ${lengthIn(tmpdir(), longestSocketName)} bytes, and ${longestSocketPath} are allowed; ` +
      'set TMPDIR to a shorter directory',
  )
}

/** Whether a path has no line breaks: servers read the path from a line of their config. */
function isOneLine(path: string): boolean {
  return !/[\n\r]/.test(path)
}

/** Returns the length of the path of a socket, in bytes. */
function lengthIn(place: string, longestSocketName: number): number {
  return Buffer.byteLength(join(place, prefix)) + randomLength + 1 + longestSocketName
}
