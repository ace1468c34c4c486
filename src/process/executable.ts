import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, resolve } from 'node:path'
import { MissingBinaryError } from '../kernel/errors.ts'
import { valueUnless } from '../kernel/value-unless.ts'

/** Searches `path` for a program, as a shell does. Relative entries of `path` begin in the directory `from`. */
export function findExecutable(name: string, path: string = process.env.PATH ?? '', from = '.'): string | undefined {
  const candidates = path.split(delimiter).map((directory) => resolve(from, directory, name))
  return candidates.find(isExecutable)
}

/**
 * Returns the absolute path of a command's program.
 *
 * @throws ERR_MISSING_BINARY naming the first directories of PATH
 */
export function requireExecutable(name: string, from: { path?: string | undefined; directory: string }): string {
  const path = from.path ?? process.env.PATH ?? ''
  const found = name.includes('/') ? resolve(from.directory, name) : findExecutable(name, path, from.directory)
  if (found && isExecutable(found)) return found
  const where = name.includes('/')
    ? `there is no executable file ${found}`
    : `it is in none of the directories of PATH (${shortened(path)})`
  throw new MissingBinaryError(`cannot run "${name}": ${where}; install it, or correct the command`)
}

const shownDirectories = 3

function shortened(path: string): string {
  const directories = path.split(delimiter)
  const more = directories.length - shownDirectories
  return more > 0 ? `${directories.slice(0, shownDirectories).join(delimiter)} and ${more} more` : path
}

function isExecutable(path: string): boolean {
  const isFile = valueUnless(['ENOENT', 'EACCES', 'ENOTDIR', 'ELOOP'], () => {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  })
  return isFile ?? false
}
