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
  const base = places.find((candidate) => fits(candidate, longestSocketName))
  if (!base) throw tooLong(join(tmpdir(), prefix), randomLength + 1 + longestSocketName)
  return join(base, `${prefix}${randomName(randomLength)}`)
}

/** Whether a path has no line breaks: servers read the path from a line of their config. */
function isOneLine(path: string): boolean {
  return !/[\n\r]/.test(path)
}

function fits(base: string, longestSocketName: number): boolean {
  return Buffer.byteLength(join(base, prefix)) + randomLength + 1 + longestSocketName <= longestSocketPath
}

/** @throws ERR_STATE_DIRECTORY if the path is longer than the system allows for sockets */
export function requireSocketPath(path: string): string {
  if (Buffer.byteLength(path) > longestSocketPath) throw tooLong(path, 0)
  return path
}

function tooLong(path: string, extra: number): StateDirectoryError {
  const length = Buffer.byteLength(path) + extra
  return new StateDirectoryError(
    `the socket path ${path} needs ${length} bytes, and ${longestSocketPath} are allowed; set TMPDIR to a shorter directory`,
  )
}
