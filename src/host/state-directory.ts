import { accessSync, constants, lstatSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { StateDirectoryError } from '../kernel/errors.ts'
import { succeedsUnless, valueUnless } from '../kernel/value-unless.ts'
import { makeDirectory } from './files/make-directory.ts'

/**
 * Returns the directory in which runs are recorded: `LP_STATE_DIR`, else `$XDG_STATE_HOME/test-services`, else
 * `~/.local/state/test-services`, else, if no home is writable, a directory of this user below the temporary directory.
 * Made if missing, with mode 0700.
 *
 * @throws ERR_STATE_DIRECTORY if the path is a symbolic link, belongs to another user, is open to others, or cannot be
 *   made
 */
export function stateDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  // Absolute, since guardians and sweeps work elsewhere; without a final slash, which would make `lstat` follow a link.
  const path = resolve(chooseStateDirectory(environment))
  makePrivateDirectory(path)
  return path
}

/** Returns the directory for copies of logs that outlive their instances. */
export function keptLogs(state: string = stateDirectory()): string {
  return join(state, 'logs')
}

function chooseStateDirectory(environment: NodeJS.ProcessEnv): string {
  const declared = environment.LP_STATE_DIR || below(environment.XDG_STATE_HOME, 'test-services')
  if (declared) return declared
  const home = environment.HOME || knownHome()
  if (home && isWritable(home)) return join(home, '.local/state/test-services')
  return join(tmpdir(), `test-services-${process.getuid?.() ?? 'user'}`)
}

function below(directory: string | undefined, name: string): string | undefined {
  return directory ? join(directory, name) : undefined
}

/** Returns the home directory. A user without an entry in /etc/passwd (`docker run --user 12345`) has no home. */
function knownHome(): string | undefined {
  return valueUnless(['ERR_SYSTEM_ERROR'], homedir)
}

function isWritable(path: string): boolean {
  return succeedsUnless(['ENOENT', 'EACCES', 'EROFS', 'ENOTDIR'], () => accessSync(path, constants.W_OK))
}

/** Makes a directory that only this user can enter, or checks that an existing directory is private. */
function makePrivateDirectory(path: string): void {
  try {
    makeDirectory(path)
  } catch (thrown) {
    throw refuse(path, `it cannot be made (${(thrown as Error).message})`, thrown)
  }
  const stat = lstatSync(path)
  if (stat.isSymbolicLink()) throw refuse(path, 'it is a symbolic link')
  if (!stat.isDirectory()) throw refuse(path, 'it is no directory')
  if (stat.uid !== process.getuid?.()) throw refuse(path, `it belongs to uid ${stat.uid}`)
  if ((stat.mode & 0o077) !== 0) throw refuse(path, `others can enter it (mode ${(stat.mode & 0o777).toString(8)})`)
}

function refuse(path: string, why: string, cause?: unknown): StateDirectoryError {
  const advice = `run "chmod 700 ${path}" if it is yours, or set LP_STATE_DIR to another directory`
  return new StateDirectoryError(`the state directory ${path} is refused: ${why}; ${advice}`, { cause })
}
