import { accessSync, constants, type Stats, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { resolve } from 'node:path'
import { asError, StateDirectoryError } from '../../kernel/errors.ts'

const everybodyMayWrite = 0o002
const sticky = 0o1000

/**
 * Returns the temporary directory as an absolute path.
 *
 * @throws ERR_STATE_DIRECTORY if this user cannot write to the directory, or if every user could replace its entries
 */
export function temporaryDirectory(): string {
  const path = resolve(tmpdir())
  const { mode } = look(path)
  if ((mode & everybodyMayWrite) === 0 || (mode & sticky) !== 0) return path
  throw new StateDirectoryError(
    `the temporary directory ${path} is refused: everybody may write to it, and without the sticky bit everybody may ` +
      `replace what is ours; run "chmod +t ${path}", or set TMPDIR to another directory`,
  )
}

function look(path: string): Stats {
  try {
    const found = statSync(path)
    accessSync(path, constants.W_OK | constants.X_OK)
    if (found.isDirectory()) return found
  } catch (thrown) {
    throw unusableTemporaryDirectory(path, thrown)
  }
  throw unusableTemporaryDirectory(path, new Error('it is no directory'))
}

export function unusableTemporaryDirectory(path: string, cause: unknown): StateDirectoryError {
  const why = asError(cause).message
  const advice = 'set TMPDIR to a directory that you can write to'
  return new StateDirectoryError(`the temporary directory ${path} cannot be used: ${why}; ${advice}`, { cause })
}
