import type { AttemptRow, MachineRow, ReportedFile, ReportedResult, ResultRow, ServiceRow } from './rows.ts'

/** Takes the attempts and results of a pool as they come. A directory of results is one. */
export interface ResultSink {
  /** Puts an attempt on record, before its test runs. Attempts of several machines run at the same time. */
  begin(attempt: AttemptBegin): Promise<AttemptSink>
  /** Puts a change of a machine on record: a report draws its timeline from these. */
  machine?(row: MachineRow): Promise<void>
  /** Puts the start of a service on record. */
  service?(row: ServiceRow): Promise<void>
  /** Puts the end of the run on record. Called once, after the last attempt, also of a canceled run. */
  finish(summary: RunSummary): Promise<void>
}

/** What is known of an attempt when it begins. */
export type AttemptBegin = Pick<AttemptRow, 'id' | 'test' | 'number' | 'platform' | 'machine' | 'host' | 'begin'>

/** Takes what one attempt writes and reports. */
export interface AttemptSink {
  /** Adds to the output. A caller that waits keeps the memory bounded. */
  output(chunk: Uint8Array): Promise<void>
  /**
   * Stores a file of a result that is reported later. A file of the same name is extended.
   *
   * @param result name of the result. Default: the test itself
   */
  store(file: ReportedFile, result?: string): Promise<void>
  /** Keeps a result and its files. Returns the row as it will be written. */
  report(result: ReportedResult): Promise<ResultRow>
  /**
   * Ends the attempt. The test itself always has a result before: the pool reports one from the exit code if the test
   * has not.
   *
   * @param counts whether the rows of this attempt are the results of the test
   */
  end(attempt: AttemptRow, counts: boolean): Promise<void>
}

/** How a run ended: `canceled`; else `failed` if a test failed; else `infra` if a test could not be run. */
export type RunOutcome = 'passed' | 'failed' | 'infra' | 'canceled'

/** What a run has done. The numbers of tests are those of this host. */
export interface RunSummary {
  readonly outcome: RunOutcome
  readonly passed: number
  readonly failed: number
  /** Tests that could not be run, though they were tried. */
  readonly infra: number
  /** Tests that were never counted: the run was canceled, or no machine was left. */
  readonly notRun: number
  /** All attempts, those included that did not count. */
  readonly attempts: number
  readonly durationMs: number
  /** Why tests were not run: the last error of a set-up, for example. */
  readonly reason: string | null
  /** Machines that could not be given back, each with its error. */
  readonly leftBehind: readonly string[]
}
