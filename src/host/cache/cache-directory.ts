import { accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { valueUnless } from '../../kernel/value-unless.ts'
import { makeDirectory } from '../files/make-directory.ts'
import { temporaryDirectory } from '../files/temporary-directory.ts'
import { ensureOwnDirectory } from '../reach.ts'

const unusable = ['ERR_STATE_DIRECTORY', 'ENOENT', 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR']

/**
 * Returns the directory of prepared data, and makes the directory if it is missing: `$XDG_CACHE_HOME/test-services`,
 * else `~/.cache/test-services`. If no home is writable, or the directory is not ours, a directory of this user below
 * the temporary directory.
 *
 * @throws ERR_STATE_DIRECTORY if the last resort belongs to a different user
 */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const base = environment.XDG_CACHE_HOME || join(environment.HOME || homedir(), '.cache')
  return ownDirectory(join(base, 'test-services')) ?? lastResort()
}

function ownDirectory(path: string): string | undefined {
  return valueUnless(unusable, () => {
    makeDirectory(dirname(path))
    ensureOwnDirectory(path, 0o700)
    accessSync(path, constants.W_OK)
    return path
  })
}

function lastResort(): string {
  return ensureOwnDirectory(join(temporaryDirectory(), `test-services-cache-${process.getuid?.() ?? 'user'}`), 0o700)
}
