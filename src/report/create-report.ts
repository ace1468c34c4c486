import type { ReadResult, ReadResults } from '../results/read-results.ts'
import { counts, type ReadAttempt } from '../results/read-run.ts'
import type { ServiceRow } from '../results/rows.ts'
import type { RunRecord } from '../results/run-record.ts'
import { Excerpts } from './excerpts.ts'
import { MachineList } from './machine-list.ts'
import type { ReportAttempt, ReportData, ReportResult, ReportRun, ReportService } from './report-data.ts'
import { isFailure } from './statuses.ts'
import { TestList } from './test-list.ts'

/** Returns the data of the report, with excerpts of the files of failures. `directory` is the directory of the page. */
export function createReport(read: ReadResults, directory: string): ReportData {
  const excerpts = new Excerpts(directory)
  const machines = new MachineList(read.machines)
  const tests = new TestList()
  for (const { row, files } of read.results) tests.addResult(row[2], row[0], toResult(row, files, excerpts))
  const attempts = read.attempts.map((attempt, index) => {
    const test = tests.addAttempt(attempt.test, attempt.platform, {
      index,
      status: stateWithoutResult(attempt),
      verdict: verdictOf(attempt),
    })
    return { test, machine: machines.indexOf(attempt), ...toAttempt(attempt, excerpts) }
  })
  const positions = new Map(read.attempts.map(({ id }, index) => [id, index] as const))
  const services = read.services.map((row) => ({ ...placeOf(row, { machines, positions }), ...toService(row) }))
  const parts = { runs: read.runs.map(toRun), attempts, machines: machines.list }
  return {
    ...parts,
    ...periodOf(parts),
    tests: tests.finish(),
    services,
    problems: read.problems,
  }
}

type Files = ReadResult['files']

function toResult(row: ReadResult['row'], files: Files, excerpts: Excerpts): ReportResult {
  const [, status, , name, , note] = row
  const shown = files.map((file) => excerpts.file(file.name, file.path, isFailure(status)))
  return {
    status,
    ...(name === null ? {} : { name }),
    ...(note === null ? {} : { note }),
    ...(shown.length > 0 ? { files: shown } : {}),
  }
}

/** Returns the failure that an attempt means for its test, whatever the results say. */
function verdictOf(attempt: ReadAttempt): string | undefined {
  if (!counts(attempt)) return undefined
  const { state } = attempt.ended ?? {}
  return state === 'failed' ? 'fail' : state === 'infra' ? 'infra' : undefined
}

/** Returns the status of a test after an attempt without a result. */
function stateWithoutResult({ ended }: ReadAttempt): string {
  if (!ended) return 'unfinished'
  return ended.state === 'infra' ? 'infra' : 'canceled'
}

function toAttempt(attempt: ReadAttempt, excerpts: Excerpts): Omit<ReportAttempt, 'test' | 'machine'> {
  const { number, begin, ended, output } = attempt
  const state = ended?.state ?? 'unfinished'
  return {
    number,
    begin: Date.parse(begin),
    state,
    ...(ended ? factsOf(ended) : {}),
    ...(output === undefined ? {} : { output: excerpts.file('output.txt', output, state !== 'passed') }),
    ...(ended && !counts(attempt) && attempt.rows.length > 0 ? { results: resultsOf(attempt, excerpts) } : {}),
  }
}

function factsOf({ end, exitCode, signal, rerun, note }: NonNullable<ReadAttempt['ended']>): Partial<ReportAttempt> {
  return {
    end: Date.parse(end),
    ...(exitCode === null ? {} : { exitCode }),
    ...(signal === null ? {} : { signal }),
    ...(rerun === null ? {} : { rerun }),
    ...(note === null ? {} : { note }),
  }
}

/** Returns the results of an attempt that do not count for the test. */
function resultsOf({ rows, files }: ReadAttempt, excerpts: Excerpts): ReportResult[] {
  return rows.map((row) => {
    const result = row[3] === null ? [] : [row[3]]
    const found = row[4].flatMap((name) => {
      const path = files.find(result, name)
      return path === undefined ? [] : [{ name, path }]
    })
    return toResult(row, found, excerpts)
  })
}

interface Places {
  readonly machines: MachineList
  /** Positions of attempts, by id. */
  readonly positions: ReadonlyMap<string, number>
}

function placeOf(
  { machine, host, attempt = '' }: ServiceRow,
  { machines, positions }: Places,
): Pick<ReportService, 'machine' | 'attempt'> {
  const position = positions.get(attempt)
  return {
    ...(machine === null ? {} : { machine: machines.indexOf({ machine, host }) }),
    ...(position === undefined ? {} : { attempt: position }),
  }
}

function toService({ service, begin, readyMs, isTenant, error, steps = [], note }: ServiceRow): ReportService {
  return {
    name: service,
    begin: Date.parse(begin),
    readyMs,
    steps,
    ...(isTenant ? { isTenant } : {}),
    ...(error === undefined ? {} : { error }),
    ...(note === null ? {} : { note }),
  }
}

function toRun({ host, begin, end, versions, config, summary }: RunRecord): ReportRun {
  const ended = end === undefined ? {} : { end: Date.parse(end) }
  const reason = typeof summary?.reason === 'string' ? { reason: summary.reason } : {}
  const outcome = summary ? { outcome: summary.outcome } : {}
  return {
    host,
    begin: Date.parse(begin),
    ...ended,
    versions,
    config,
    ...outcome,
    ...reason,
    notRun: summary?.notRun ?? 0,
  }
}

/** Returns the first and the last time on record. */
function periodOf({ runs, attempts, machines }: Pick<ReportData, 'runs' | 'attempts' | 'machines'>): {
  begin: number
  end: number
} {
  const spans = [...runs, ...attempts, ...machines.flatMap((machine) => machine.spans)]
  const begin = spans.reduce((least, span) => Math.min(least, span.begin), Number.POSITIVE_INFINITY)
  return { begin, end: spans.reduce((most, span) => Math.max(most, span.end ?? span.begin), begin) }
}
