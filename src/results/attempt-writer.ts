import { mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode, ResultsError } from '../kernel/errors.ts'
import { valueUnless } from '../kernel/value-unless.ts'
import { onDisk } from './disk-error.ts'
import { LineFile } from './line-file.ts'
import { attemptDirectory } from './names.ts'
import { OutputFile } from './output-file.ts'
import { ResultFiles } from './result-files.ts'
import type { AttemptSink, BegunAttempt } from './result-sink.ts'
import type { AttemptRow, ReportedFile, ReportedResult, ResultRow } from './rows.ts'

/** The files of a run written by its attempts. */
interface RunFiles {
  readonly path: string
  readonly files: ResultFiles
  readonly results: LineFile
  readonly attempts: LineFile
}

/** @throws ERR_RESULTS if an attempt of this id has begun already */
export function beginAttempt(begin: BegunAttempt, run: RunFiles): AttemptSink {
  const directory = attemptDirectory(run.path, begin.id)
  try {
    mkdirSync(directory)
  } catch (thrown) {
    if (!hasCode(thrown, 'EEXIST')) throw thrown
    throw new ResultsError(`the attempt ${begin.id} has begun already; expected an id of its own for each attempt`)
  }
  writeFileSync(join(directory, 'attempt.json'), `${JSON.stringify(begin)}\n`)
  return new AttemptWriter(begin, directory, run)
}

/** A result on record, and the name for the output of the attempt among the files of the result. */
interface Recorded {
  readonly row: ResultRow
  readonly testout: string | undefined
}

class AttemptWriter implements AttemptSink {
  readonly #begin: BegunAttempt
  readonly #directory: string
  readonly #run: RunFiles
  readonly #output: OutputFile
  readonly #rows: LineFile
  readonly #files: ResultFiles
  readonly #recorded: Recorded[] = []
  #hasOther = false

  constructor(begin: BegunAttempt, directory: string, run: RunFiles) {
    this.#begin = begin
    this.#directory = directory
    this.#run = run
    this.#output = new OutputFile(join(directory, 'output.txt'))
    this.#rows = new LineFile(join(directory, 'results.jsonl'))
    this.#files = new ResultFiles(join(directory, 'files'))
  }

  output(chunk: Uint8Array): Promise<void> {
    return onDisk(this.#run.path, () => this.#output.write(chunk))
  }

  store(file: ReportedFile, result?: string): Promise<void> {
    return onDisk(this.#run.path, () => this.#files.append(namesOf(result), file))
  }

  report({ status, name, note, files = [], testout, other }: ReportedResult): Promise<ResultRow> {
    return onDisk(this.#run.path, async () => {
      const names: string[] = []
      for (const file of files) names.push(await this.#keep(file, name))
      const { platform, test } = this.#begin
      const row: ResultRow = [platform, status, test, name ?? null, names, note ?? null]
      this.#recorded.push({ row, testout })
      this.#hasOther ||= other !== undefined
      this.#rows.append([other ? [...row, other] : row])
      return row
    })
  }

  /** Stores a file of a result, and returns the name for the record. */
  async #keep(file: ReportedFile | string, result: string | undefined): Promise<string> {
    if (typeof file !== 'string') return this.#files.write(namesOf(result), file)
    if (this.#files.find(namesOf(result), file) !== undefined) return file
    throw new ResultsError(`a result names the file "${file}", which was not stored before`)
  }

  end(row: AttemptRow, counts: boolean): Promise<void> {
    return onDisk(this.#run.path, async () => {
      const hasOutput = await this.#output.close()
      try {
        this.#rows.close()
        if (counts) this.#publish(hasOutput)
      } finally {
        this.#run.attempts.append([row])
      }
    })
  }

  /**
   * Moves results and files from the attempt to the run. A process killed meanwhile leaves all with the attempt, or
   * some files with the run: a reader looks for files in both places.
   */
  #publish(hasOutput: boolean): void {
    this.#run.results.append(this.#recorded.map((recorded) => this.#publishFiles(recorded, hasOutput)))
    const done = ['files', 'attempt.json']
    if (!this.#hasOther) done.push('results.jsonl')
    if (this.#recorded.some(({ testout }) => testout !== undefined)) done.push('output.txt')
    for (const name of done) rmSync(join(this.#directory, name), { recursive: true, force: true })
    valueUnless(['ENOTEMPTY', 'EEXIST'], () => rmdirSync(this.#directory))
  }

  #publishFiles({ row, testout }: Recorded, hasOutput: boolean): ResultRow {
    const [platform, status, test, subtest, files, note] = row
    if (files.length === 0 && (testout === undefined || !hasOutput)) return row
    const names = [platform, test, ...namesOf(subtest)]
    const moved = files.flatMap((file) => {
      const from = this.#files.find(namesOf(subtest), file)
      return from === undefined ? [] : this.#run.files.move(from, names, file)
    })
    const linked = testout !== undefined && hasOutput ? [this.#run.files.link(this.#output.path, names, testout)] : []
    return [platform, status, test, subtest, [...moved, ...linked], note]
  }
}

function namesOf(subtest: string | null | undefined): string[] {
  return subtest === null || subtest === undefined ? [] : [subtest]
}
