import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { writeFileAtomically } from '../host/files/atomic-file.ts'
import { makeDirectory } from '../host/files/make-directory.ts'
import { namesIn } from '../host/files/names-in.ts'
import { timestamp } from '../kernel/clock.ts'
import { hasCode, ResultsError } from '../kernel/errors.ts'
import { beginAttempt } from './attempt-writer.ts'
import { diskError, onDisk } from './disk-error.ts'
import { LineFile, linesOf } from './line-file.ts'
import { ResultFiles } from './result-files.ts'
import type { AttemptSink, BegunAttempt, ResultSink, RunSummary } from './result-sink.ts'
import type { AttemptRow, MachineRow, ServiceRow } from './rows.ts'
import { elsewhereFile, runFile } from './run-files.ts'
import { createRunRecord, type NewResults, type RunRecord, runText } from './run-record.ts'

/** The results of a run on a host, written during the run. All written results outlive this process. */
export interface ResultsDirectory extends Required<ResultSink>, AsyncDisposable {
  readonly path: string
  /** Puts attempts on record that other hosts have counted: their output and files are on those hosts. @throws ERR_RESULTS */
  elsewhere(attempts: readonly AttemptRow[]): Promise<void>
  /** Ends the record of an unfinished run. Has no effect after `finish`. @throws ERR_RESULTS */
  close(): Promise<void>
}

/**
 * Makes a results directory, for this user alone, ignored by git.
 *
 * @throws ERR_RESULTS if the directory is not empty, for example with the results of an earlier run; if the directory
 *   cannot be written
 */
export function createResults({ path: given, ...facts }: NewResults): ResultsDirectory {
  const path = resolve(given)
  const record = createRunRecord(facts)
  try {
    makeDirectory(path)
    refuseContent(path)
    // Only a single process makes this file, and owns the directory.
    writeFileSync(join(path, runFile), runText(record), { flag: 'wx' })
    writeFileSync(join(path, '.gitignore'), '*\n')
    mkdirSync(join(path, 'attempts'))
    return new OpenResults(path, record)
  } catch (thrown) {
    if (hasCode(thrown, 'EEXIST')) throw inUse(path)
    if (hasCode(thrown, 'ENOTDIR'))
      throw new ResultsError(`${path} cannot take the results: it is a file, or lies below one; name a directory`)
    throw diskError(path, thrown)
  }
}

function refuseContent(path: string): void {
  const names = namesIn(path)
  if (names.includes(runFile)) throw inUse(path)
  const [name] = names
  if (name === undefined) return
  throw new ResultsError(
    `${path} cannot take the results: it has other files, such as ${name}; name an empty directory`,
  )
}

function inUse(path: string): ResultsError {
  return new ResultsError(`${path} has the results of a run already: name another directory, or remove this one`)
}

class OpenResults implements ResultsDirectory {
  readonly path: string
  readonly #record: RunRecord
  readonly #files: ResultFiles
  readonly #lines: Readonly<Record<'results' | 'attempts' | 'machines' | 'services', LineFile>>
  #ended: Promise<void> | undefined

  constructor(path: string, record: RunRecord) {
    const open = (name: string): LineFile => new LineFile(join(path, `${name}.jsonl`))
    this.path = path
    this.#record = record
    this.#files = new ResultFiles(join(path, 'files'))
    this.#lines = {
      results: open('results'),
      attempts: open('attempts'),
      machines: open('machines'),
      services: open('services'),
    }
  }

  begin(attempt: BegunAttempt): Promise<AttemptSink> {
    const { results, attempts } = this.#lines
    return onDisk(this.path, () => beginAttempt(attempt, { path: this.path, files: this.#files, results, attempts }))
  }

  machine(row: MachineRow): Promise<void> {
    return onDisk(this.path, () => this.#lines.machines.append([row]))
  }

  service(row: ServiceRow): Promise<void> {
    return onDisk(this.path, () => this.#lines.services.append([row]))
  }

  elsewhere(attempts: readonly AttemptRow[]): Promise<void> {
    return onDisk(this.path, () => {
      if (attempts.length > 0) appendFileSync(join(this.path, elsewhereFile), linesOf(attempts))
    })
  }

  finish(summary: RunSummary): Promise<void> {
    return this.#end({ summary })
  }

  close(): Promise<void> {
    return this.#end({})
  }

  #end(facts: { readonly summary?: RunSummary }): Promise<void> {
    this.#ended ??= onDisk(this.path, () => {
      for (const file of Object.values(this.#lines)) file.close()
      writeFileAtomically(join(this.path, runFile), runText({ ...this.#record, ...facts, end: timestamp() }))
    })
    return this.#ended
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
