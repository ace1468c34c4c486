import { join } from 'node:path'
import { randomName } from '../host/secret.ts'
import { asError, ConfigError, TestServicesError } from '../kernel/errors.ts'
import type { SettledPlan } from './settled-plan.ts'
import type { Account } from './user/account.ts'
import { makeOwnedDirectory, writePrivateFile } from './user/private-file.ts'

/** The paths of embedded files, by name. */
export type FilePaths = Readonly<Record<string, string>>

/** A file written before an action begins. */
export interface EmbeddedFile {
  /** The content, or a function that builds the content from the paths of all files of the action. Called once. */
  readonly data: string | ((files: Readonly<Record<string, string>>) => string)
  /** Last part of the path, without a directory. Default: random. */
  readonly filename?: string
  /** Whether the file gets the execute bit. Default: false. */
  readonly runnable?: boolean
}

const nameLength = 12

/**
 * Returns the path of each file. All paths are known before the first file is written, so that files and commands can
 * refer to each other.
 *
 * @throws ERR_CONFIG when a filename leads out of the directory, or two files have the same filename
 */
export function allocatePaths(files: Readonly<Record<string, EmbeddedFile>>, directory: string): FilePaths {
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

/** Plans with files already written. The files of a running action must not change. */
const written = new WeakSet<SettledPlan>()

/**
 * Writes the files of a plan into a new directory, once per plan.
 *
 * @throws ERR_ACTION naming the file that could not be written
 */
export function writeFiles(plan: SettledPlan, owner: Account | undefined): void {
  const { files, filesDirectory } = plan
  if (files.length === 0 || written.has(plan)) return
  orActionError(`the directory ${filesDirectory} of the embedded files`, () =>
    makeOwnedDirectory(filesDirectory, owner),
  )
  for (const { name, path, content, isRunnable } of files) {
    const write = (): void => writePrivateFile(path, content, { owner, isRunnable, flags: 'wx' })
    orActionError(`the embedded file "${name}" at ${path}`, write)
  }
  written.add(plan)
}

function orActionError(what: string, write: () => void): void {
  try {
    write()
  } catch (thrown) {
    const { message } = asError(thrown)
    throw new TestServicesError('ERR_ACTION', `cannot write ${what}: ${message}; nothing was started`, {
      cause: thrown,
    })
  }
}
