import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ResultsError } from '../kernel/errors.ts'
import { valueUnless } from '../kernel/value-unless.ts'
import { RowReader } from './read-lines.ts'
import { counts, type ReadAttempt, type ReadRun, readRun } from './read-run.ts'
import type { ResultFiles } from './result-files.ts'
import type { MachineRow, ResultRow, ServiceRow } from './rows.ts'
import type { RunRecord } from './run-record.ts'

/** A result of a run, with the attempt of its origin. */
export interface ReadResult {
  readonly row: ResultRow
  readonly files: readonly { readonly name: string; readonly path: string }[]
  readonly attempt?: ReadAttempt | undefined
}

/** The results of a run, of all hosts with directories in the given directory. */
export interface ReadResults {
  /** The first given directory. */
  readonly path: string
  readonly runs: readonly RunRecord[]
  readonly results: readonly ReadResult[]
  readonly attempts: readonly ReadAttempt[]
  readonly machines: readonly MachineRow[]
  readonly services: readonly ServiceRow[]
  /** Files and lines that could not be read, in words. */
  readonly problems: readonly string[]
  /** Paths of runs that were left out: a later run has the same tests. */
  readonly earlier: readonly string[]
}

/** How deep below the given directory the directories of hosts may lie. */
const deepest = 3

/**
 * Reads the results directories of the hosts of a run, or a directory with such directories, and there the newest run
 * of each test. Copies of a directory count once, and copies of an attempt too. A running or killed run is read up to
 * its last row.
 *
 * @throws ERR_RESULTS if a directory has no results
 */
export function readResults(...given: readonly [string, ...string[]]): ReadResults {
  const paths = given.map((directory) => resolve(directory))
  const [path = ''] = paths
  const reader = new RowReader(path)
  const found = new Map(paths.flatMap((each) => runsIn(each, reader)).map((run) => [run.record.id, run] as const))
  const { newest: all, earlier } = given.length > 1 ? { newest: [...found.values()], earlier: [] } : newestOf(found)
  const attempts = onceEach(all)
  return {
    path,
    runs: all.map(({ record }) => record),
    results: resultsOf(all, attempts, reader),
    attempts,
    machines: all.flatMap(({ machines }) => machines),
    services: all.flatMap(({ services }) => services),
    problems: reader.problems,
    earlier: earlier.map((run) => run.path),
  }
}

/**
 * Leaves out a run if a later run has results of the same test: a directory such as `pool-results` has runs of
 * different times. The hosts of a run have different tests.
 */
function newestOf(found: ReadonlyMap<string, ReadRun>): { newest: ReadRun[]; earlier: ReadRun[] } {
  const runs = [...found.values()].sort((a, b) => compare(b.record.begin, a.record.begin))
  const tests = new Set<string>()
  const newest: ReadRun[] = []
  const earlier: ReadRun[] = []
  for (const run of runs) {
    const own = run.rows.map(([platform, , test]) => JSON.stringify([platform, test]))
    const isEmpty = own.length === 0 && run.attempts.length === 0
    const isEarlier = newest.length > 0 && (isEmpty || own.some((test) => tests.has(test)))
    if (isEarlier) earlier.push(run)
    else newest.push(run)
    for (const test of own) tests.add(test)
  }
  return { newest, earlier }
}

function runsIn(path: string, reader: RowReader): ReadRun[] {
  const runs = runsBelow(path, reader, deepest)
  if (runs.length > 0) return runs
  throw new ResultsError(`${path} has no results: expected a directory with a run.json, or one with such directories`)
}

function runsBelow(path: string, reader: RowReader, depth: number): ReadRun[] {
  const run = readRun(path, reader)
  if (run || depth === 0) return run ? [run] : []
  const entries = valueUnless(['ENOENT', 'ENOTDIR', 'EACCES'], () => readdirSync(path, { withFileTypes: true })) ?? []
  const directories = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(path, name))
  return directories.flatMap((directory) => runsBelow(directory, reader, depth - 1))
}

/** Returns each attempt once, in the order of begin. Of two copies, the ended attempt is taken. */
function onceEach(runs: readonly ReadRun[]): ReadAttempt[] {
  const byId = new Map<string, ReadAttempt>()
  for (const attempt of runs.flatMap(({ attempts }) => attempts))
    if (attempt.ended || !byId.has(attempt.id)) byId.set(attempt.id, attempt)
  for (const attempt of runs.flatMap(({ elsewhere }) => elsewhere)) {
    const own = byId.get(attempt.id)
    // A host may be killed after its attempt was counted, and before the end was written.
    if (!own?.ended) byId.set(attempt.id, own && own.rows.length > 0 ? { ...own, ended: attempt.ended } : attempt)
  }
  return [...byId.values()].sort((a, b) => compare(a.begin, b.begin) || compare(a.test, b.test) || a.number - b.number)
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

function resultsOf(runs: readonly ReadRun[], attempts: readonly ReadAttempt[], reader: RowReader): ReadResult[] {
  const unpublished = unpublishedAttempts(runs, attempts)
  const counting = new Map(attempts.filter(counts).map((attempt) => [attempt.test, attempt] as const))
  const published = runs.flatMap((run) =>
    run.rows
      .filter(([, , test]) => !unpublished.has(test))
      .map((row) => toResult(row, [run.files], { attempt: counting.get(row[2]), reader })),
  )
  const others = [...unpublished.values()].flatMap((attempt) => {
    const files = [attempt.files, ...runs.map((run) => run.files)]
    return attempt.rows.map((row) => toResult(row, files, { attempt, reader }))
  })
  return [...published, ...others]
}

/**
 * Returns, by test, the attempts with the only rows of the test: the process was killed before the rows went to the
 * run, or the disk had no room for the rows.
 */
function unpublishedAttempts(runs: readonly ReadRun[], attempts: readonly ReadAttempt[]): Map<string, ReadAttempt> {
  const counted = new Set(attempts.filter(counts).map(({ test }) => test))
  const published = new Set(runs.flatMap(({ rows }) => rows.map(([, , test]) => test)))
  const isUnpublished = (attempt: ReadAttempt): boolean => {
    if (attempt.rows.length === 0) return false
    if (!attempt.ended) return !counted.has(attempt.test)
    return counts(attempt) && !published.has(attempt.test)
  }
  return new Map(attempts.filter(isUnpublished).map((attempt) => [attempt.test, attempt]))
}

interface Context {
  readonly attempt: ReadAttempt | undefined
  readonly reader: RowReader
}

/** @param places of the files: a killed process may have moved some files */
function toResult(row: ResultRow, places: readonly ResultFiles[], { attempt, reader }: Context): ReadResult {
  const [platform, , test, subtest, names] = row
  const result = subtest === null ? [] : [subtest]
  const files = names.flatMap((name) => {
    const path = places
      .map((place) => place.find(place === attempt?.files ? result : [platform, test, ...result], name))
      .find((found) => found !== undefined)
    if (path !== undefined) return { name, path }
    reader.problems.push(`${test}: its file "${name}" is not there`)
    return []
  })
  return { row, files, attempt }
}
