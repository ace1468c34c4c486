import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { namesIn } from '../host/files/names-in.ts'
import { attemptDirectory } from './names.ts'
import type { RowReader } from './read-lines.ts'
import { ResultFiles } from './result-files.ts'
import type { BegunAttempt } from './result-sink.ts'
import type { AttemptRow, MachineRow, ResultRow, ServiceRow } from './rows.ts'
import { attemptBegin, attemptRow, machineRow, resultRow, runRecord, serviceRow } from './rows-schema.ts'
import { elsewhereFile, runFile } from './run-files.ts'
import type { RunRecord } from './run-record.ts'

/** An attempt, read from its files. */
export interface ReadAttempt extends BegunAttempt {
  /** Absent if the attempt has not ended: the attempt runs, or its process was killed. */
  readonly ended?: AttemptRow | undefined
  /** File with the output, unless the output is a file of a result. */
  readonly output?: string | undefined
  /** Results left out of the run: the attempt did not count, or has not ended. */
  readonly rows: readonly ResultRow[]
  readonly files: ResultFiles
}

/** Whether the results of an attempt are the results of its test. */
export function counts({ ended }: ReadAttempt): boolean {
  return ended?.rerun === null && ended.state !== 'lost' && ended.state !== 'canceled'
}

/** The results directory of a host. */
export interface ReadRun {
  readonly path: string
  readonly record: RunRecord
  readonly rows: readonly ResultRow[]
  readonly files: ResultFiles
  readonly attempts: readonly ReadAttempt[]
  readonly machines: readonly MachineRow[]
  readonly services: readonly ServiceRow[]
  /** Attempts that other hosts have counted. */
  readonly elsewhere: readonly ReadAttempt[]
}

/** Returns `undefined` for a directory without a `run.json`. */
export function readRun(path: string, reader: RowReader): ReadRun | undefined {
  const record = reader.value(join(path, runFile), runRecord)
  if (!record) return undefined
  const ended = reader.rows(join(path, 'attempts.jsonl'), attemptRow)
  return {
    path,
    record,
    rows: withoutCopies(reader.rows(join(path, 'results.jsonl'), resultRow), ended),
    files: new ResultFiles(join(path, 'files')),
    attempts: readAttempts(path, ended, reader),
    machines: reader.rows(join(path, 'machines.jsonl'), machineRow),
    services: reader.rows(join(path, 'services.jsonl'), serviceRow),
    elsewhere: reader.rows(join(path, elsewhereFile), attemptRow).map(readElsewhere),
  }
}

/** Joins the attempts on record with the attempts with a directory only. */
function readAttempts(path: string, ended: readonly AttemptRow[], reader: RowReader): ReadAttempt[] {
  const begun = namesIn(join(path, 'attempts')).flatMap(
    (name) => reader.value(join(path, 'attempts', name, 'attempt.json'), attemptBegin) ?? [],
  )
  const all = new Map<string, ReadAttempt>()
  for (const begin of begun) all.set(begin.id, readAttempt(path, begin, reader))
  for (const row of ended) all.set(row.id, { ...readAttempt(path, row, reader), ended: row })
  return [...all.values()]
}

/** Statuses of the states in which an attempt counts. */
const statuses: Readonly<Record<string, string>> = { passed: 'pass', failed: 'fail' }

/** Makes the result of an attempt from its state: the results of the attempt are with its host. */
function readElsewhere(ended: AttemptRow): ReadAttempt {
  const { platform, state, test, host } = ended
  const note = `ran on ${host}: output and files are in the results there`
  const rows: ResultRow[] = [[platform, statuses[state] ?? state, test, null, [], state === 'passed' ? null : note]]
  return { ...ended, ended, rows, files: new ResultFiles('') }
}

function readAttempt(path: string, begin: BegunAttempt, reader: RowReader): ReadAttempt {
  const directory = attemptDirectory(path, begin.id)
  const output = join(directory, 'output.txt')
  const { id, test, number, platform, machine, host, begin: at } = begin
  return {
    ...{ id, test, number, platform, machine, host, begin: at },
    output: existsSync(output) ? output : undefined,
    rows: reader.rows(join(directory, 'results.jsonl'), resultRow),
    files: new ResultFiles(join(directory, 'files')),
  }
}

/**
 * Leaves out the repetitions in files put together from several directories: an attempt on record n times has brought
 * all rows n times.
 */
function withoutCopies(rows: readonly ResultRow[], ended: readonly AttemptRow[]): readonly ResultRow[] {
  const copies = count(ended.filter(({ rerun }) => rerun === null).map(({ id }) => id))
  const byTest = new Map(ended.map(({ id, test }) => [test, copies.get(id) ?? 1] as const))
  const all = count(rows.map(([, , test]) => test))
  const seen = new Map<string, number>()
  return rows.filter(([, , test]) => {
    const number = (seen.get(test) ?? 0) + 1
    seen.set(test, number)
    return number <= (all.get(test) ?? 0) / (byTest.get(test) ?? 1)
  })
}

function count(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}
