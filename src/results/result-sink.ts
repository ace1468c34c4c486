import type { AttemptRow, MachineRow, ReportedFile, ReportedResult, ResultRow, ServiceRow } from './rows.ts'

/** Takes the attempts and results of a pool during the run: a results directory, for example. */
export interface ResultSink {
  /** Puts an attempt on record, before the test runs. Attempts of several machines run at the same time. */
  begin(attempt: BegunAttempt): Promise<AttemptSink>
  /** Puts a change of a machine on record, for the timeline of a report. */
  machine?(row: MachineRow): Promise<void>
  /** Puts the start of a service on record. */
  service?(row: ServiceRow): Promise<void>
  /** Puts the end of the run on record. Called once, after the last attempt, also of a canceled run. */
  finish(summary: RunSummary): Promise<void>
}

/** An attempt that has begun: the part of its row that is known by then. */
export type BegunAttempt = Pick<AttemptRow, 'id' | 'test' | 'number' | 'platform' | 'machine' | 'host' | 'begin'>

/** Takes the output, the files and the results of an attempt. */
export interface AttemptSink {
  /** Adds to the output. A waiting caller keeps the memory bounded. */
  output(chunk: Uint8Array): Promise<void>
  /**
   * Stores a file of a result, before the report of the result. A file of the same name is extended.
   *
   * @param result name of the result. Default: the test itself
   */
  store(file: ReportedFile, result?: string): Promise<void>
  /** Keeps a result and its files. Returns the row for `results.jsonl`. */
  report(result: ReportedResult): Promise<ResultRow>
  /**
   * Ends the attempt. The whole test always has a result before: without a report of the test, the pool reports a
   * result from the exit code.
   *
   * @param counts whether the rows of this attempt are the results of the test
   */
  end(attempt: AttemptRow, counts: boolean): Promise<void>
}

/** How a run ended: `canceled`; else `failed` if a test failed; else `infra` if a test could not be run. */
export type RunOutcome = 'passed' | 'failed' | 'infra' | 'canceled'

/** Outcome of a run. The numbers count tests of this host. */
export interface RunSummary {
  readonly outcome: RunOutcome
  readonly passed: number
  readonly failed: number
  /** Tests that could not be run in spite of attempts. */
  readonly infra: number
  /** Tests without an attempt that counts: the run was canceled, or no machine was left. */
  readonly notRun: number
  /** All attempts, also the attempts that did not count. */
  readonly attempts: number
  readonly durationMs: number
  /** Why tests were not run: the last error of a set-up, for example. */
  readonly reason: string | null
  /** Machines that could not be given back, each with the error. */
  readonly leftBehind: readonly string[]
}
