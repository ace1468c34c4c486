import { lstatSync, realpathSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import * as v from 'valibot'
import { makeDirectory } from '../../host/files/make-directory.ts'
import { namesIn } from '../../host/files/names-in.ts'
import { asError, ResultsError, TestServicesError } from '../../kernel/errors.ts'
import { valueUnless } from '../../kernel/value-unless.ts'
import { diskError } from '../../results/disk-error.ts'
import { archive, archiveName } from './archive.ts'
import { lockOutput } from './output-lock.ts'
import { readRecord } from './record-file.ts'
import { stateFile, workflowSchema } from './record-schemas.ts'
import type { WorkflowState } from './step-record.ts'

export interface OutputOptions {
  /** Whether to go on with the directory of an earlier run, instead of moving that to the archive. */
  readonly continues: boolean
}

/** The output directory of a workflow, locked for this process. */
export interface OutputDirectory extends AsyncDisposable {
  readonly path: string
  /** State of the earlier run that goes on. */
  readonly earlier: WorkflowState | undefined
  /** New place of the output of an earlier run. */
  readonly archived: string | undefined
}

/**
 * Makes an output directory, for this user alone. The output of an earlier run is moved to the archive.
 *
 * @throws ERR_STATE if another workflow writes to the directory; ERR_RESULTS if the path is no output directory, or
 *   cannot be written
 */
export async function openOutput(given: string, { continues }: OutputOptions): Promise<OutputDirectory> {
  const path = resolve(given)
  try {
    refuseForeign(path)
    makeDirectory(dirname(path))
  } catch (thrown) {
    throw unusable(path, thrown)
  }
  const lock = await lockOutput(path)
  try {
    removeUnfinished(path)
    const earlier = continues ? await earlierState(path) : undefined
    for (const { folder } of earlier?.steps ?? []) removeUnfinished(join(path, folder))
    const archived = continues || namesIn(path).length === 0 ? undefined : archiveEarlier(path)
    makeDirectory(path)
    return { path, earlier, archived, [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose]() }
  } catch (thrown) {
    await lock[Symbol.asyncDispose]()
    throw unusable(path, thrown)
  }
}

/** @throws ERR_RESULTS if the current directory would move, too */
function archiveEarlier(path: string): string {
  const isMoved = `${process.cwd()}/`.startsWith(`${realpathSync(path)}/`)
  if (isMoved) throw foreign(path, 'earlier output is moved to the archive, and the current directory is in it')
  return archive(path)
}

/** Names of records that a killed run had no time to rename. */
const unfinished = /^(workflow\.(state|yaml)|cmd_\d+\.state)\.\d+\.new$/

function removeUnfinished(path: string): void {
  for (const name of namesIn(path).filter((name) => unfinished.test(name))) rmSync(join(path, name))
}

/** Refuses everything but an output directory, an empty directory, and a path without a file. */
function refuseForeign(path: string): void {
  if (basename(path) === archiveName) throw foreign(path, 'earlier output is kept under this name')
  const found = valueUnless(['ENOENT'], () => lstatSync(path))
  if (!found) return
  if (!found.isDirectory()) throw foreign(path, 'it is no directory')
  const names = namesIn(path).filter((name) => !unfinished.test(name))
  if (names.length > 0 && !names.includes(stateFile)) throw foreign(path, `it has other files, such as ${names[0]}`)
}

function foreign(path: string, why: string): ResultsError {
  return new ResultsError(`${path} cannot take the output: ${why}; name another directory with --output`)
}

/** Returns the error of a directory that the system does not let us make. */
function unusable(path: string, thrown: unknown): Error {
  const error = asError(diskError(path, thrown))
  return error instanceof TestServicesError ? error : foreign(path, error.message)
}

/** @throws ERR_RESULTS if there is no earlier run */
async function earlierState(path: string): Promise<WorkflowState> {
  const state = v.safeParse(workflowSchema, await readRecord(join(path, stateFile)))
  if (state.success) return state.output
  throw new ResultsError(`${path} has no run to go on with: ${stateFile} is missing or damaged; run the whole workflow`)
}
