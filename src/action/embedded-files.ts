import { join } from 'node:path'
import { randomName } from '../host/secret.ts'
import { asError, ConfigError, TestServicesError } from '../kernel/errors.ts'
import type { Account } from './account.ts'
import { makeOwnedDirectory, writePrivateFile } from './private-file.ts'

/** The paths of embedded files, by name. */
export type FilePaths<Name extends string = string> = Readonly<Record<Name, string>>

/** A file that is written for an action before it begins. */
export interface EmbeddedFile {
  /** Its content, or what makes it of the paths of all files of the action. */
  readonly data: string | ((files: FilePaths) => string)
  /** Of the path, without a directory. Default: a random one. */
  readonly filename?: string
  /** It gets the execute bit. Default: false. */
  readonly runnable?: boolean
}

export type EmbeddedFiles<Name extends string = string> = Readonly<Record<Name, EmbeddedFile>>

const nameLength = 12

/**
 * Where each file will be: known before the first is written, so that files and commands can refer to each other.
 *
 * @throws ERR_CONFIG when a filename would lie elsewhere, or two files would be one
 */
export function allocatePaths(files: EmbeddedFiles, directory: string): FilePaths {
  const entries = Object.entries(files)
  const names = entries.map(([name, { filename }]) => checkFilename(name, filename) ?? randomName(nameLength))
  const double = names.find((name, index) => names.indexOf(name) !== index)
  if (double !== undefined) throw new ConfigError(`embeddedFiles: two of them have the filename "${double}"`)
  return Object.fromEntries(entries.map(([name], index) => [name, join(directory, names[index] ?? '')]))
}

function checkFilename(name: string, filename: string | undefined): string | undefined {
  if (filename === undefined) return undefined
  const isPlain = filename !== '' && !/[/\0]/.test(filename) && filename !== '.' && filename !== '..'
  if (isPlain) return filename
  throw new ConfigError(`embeddedFiles.${name}.filename: expected a name without a directory, but got "${filename}"`)
}

/** Writes the files into a new directory. @throws ERR_ACTION naming the file that could not be written */
export function writeFiles(
  files: EmbeddedFiles,
  paths: FilePaths,
  at: { directory: string; owner?: Account | undefined },
) {
  const { directory, owner } = at
  if (Object.keys(files).length === 0) return
  attempt(`the directory ${directory} of the embedded files`, () => makeOwnedDirectory(directory, owner))
  for (const [name, { data, runnable = false }] of Object.entries(files)) {
    const path = paths[name] ?? ''
    attempt(`the embedded file "${name}" at ${path}`, () => {
      const content = typeof data === 'function' ? data(paths) : data
      writePrivateFile(path, content, { owner, isRunnable: runnable, flags: 'wx' })
    })
  }
}

function attempt(what: string, write: () => void): void {
  try {
    write()
  } catch (thrown) {
    const { message } = asError(thrown)
    throw new TestServicesError('ERR_ACTION', `cannot write ${what}: ${message}; nothing was started`, {
      cause: thrown,
    })
  }
}
