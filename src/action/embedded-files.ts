import { join } from 'node:path'
import { randomName } from '../host/secret.ts'
import { asError, ConfigError, TestServicesError } from '../kernel/errors.ts'
import type { Account } from './account.ts'
import { makeOwnedDirectory, writePrivateFile } from './private-file.ts'
import type { SettledPlan } from './settled-plan.ts'

/** The paths of embedded files, by name. */
export type FilePaths<Name extends string = string> = Readonly<Record<Name, string>>

/** A file that is written for an action before it begins. */
export interface EmbeddedFile {
  /** Its content, or a function that makes it of the paths of all files of the action; it is called once. */
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

/** The plans whose files have been written: those of a running action must not change under it. */
const written = new WeakSet<SettledPlan>()

/** Writes the files of a plan into a new directory, once. @throws ERR_ACTION naming the file that could not be written */
export function writeFiles(plan: SettledPlan, owner: Account | undefined): void {
  const { files, filesDirectory } = plan
  if (files.length === 0 || written.has(plan)) return
  attempt(`the directory ${filesDirectory} of the embedded files`, () => makeOwnedDirectory(filesDirectory, owner))
  for (const { name, path, content, isRunnable } of files) {
    const write = (): void => writePrivateFile(path, content, { owner, isRunnable, flags: 'wx' })
    attempt(`the embedded file "${name}" at ${path}`, write)
  }
  written.add(plan)
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
