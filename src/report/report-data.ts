/** Data in the page of a report. Times are milliseconds since 1970. */

export interface ReportData {
  readonly runs: readonly ReportRun[]
  readonly begin: number
  /** The last time on record. */
  readonly end: number
  readonly tests: readonly ReportTest[]
  readonly attempts: readonly ReportAttempt[]
  readonly machines: readonly ReportMachine[]
  readonly services: readonly ReportService[]
  /** Files and lines that could not be read, in words. */
  readonly problems: readonly string[]
}

/** The run on a host. */
export interface ReportRun {
  readonly host: string
  readonly begin: number
  /** Absent for an unfinished run. */
  readonly end?: number | undefined
  readonly versions: Readonly<Record<string, string>>
  readonly config: unknown
  readonly outcome?: string | undefined
  /** Why tests were not run. */
  readonly reason?: string | undefined
  readonly notRun: number
}

/** A test on a platform. */
export interface ReportTest {
  readonly name: string
  readonly platform: string
  /** Status of the test's own result, or the worst status of the parts. */
  readonly status: string
  /** The test's own result first. */
  readonly results: readonly ReportResult[]
  /** Positions in `attempts`, the earliest first. */
  readonly attempts: readonly number[]
}

export interface ReportResult {
  /** Name of a part of the test. Absent for the whole test. */
  readonly name?: string | undefined
  readonly status: string
  readonly note?: string | undefined
  readonly files?: readonly ReportFile[] | undefined
}

export interface ReportFile {
  readonly name: string
  /** Relative to the page. */
  readonly href: string
  readonly size: number
  /** Beginning and end of the text; absent if the file is no text, or not of a failure. */
  readonly excerpt?: Excerpt | undefined
}

export interface Excerpt {
  /** Empty if the text is not cut. */
  readonly head: string
  readonly cutBytes: number
  readonly tail: string
}

export interface ReportAttempt {
  readonly test: number
  readonly number: number
  /** Position in `machines`. */
  readonly machine: number
  readonly begin: number
  /** Absent if the attempt has not ended. */
  readonly end?: number | undefined
  /** An `AttemptState`, or `unfinished`. */
  readonly state: string
  readonly exitCode?: number | undefined
  readonly signal?: string | undefined
  /** Why the test was run again. */
  readonly rerun?: string | undefined
  readonly note?: string | undefined
  readonly output?: ReportFile | undefined
  /** Results of the attempt that do not count for the test. */
  readonly results?: readonly ReportResult[] | undefined
}

export interface ReportMachine {
  readonly name: string
  readonly host: string
  /** States of the machine beside tests, such as set-ups. */
  readonly spans: readonly MachineSpan[]
}

export interface MachineSpan {
  readonly state: string
  readonly begin: number
  readonly end: number
  readonly note?: string | undefined
}

/** The start of a service. */
export interface ReportService {
  readonly name: string
  /** Position in `machines`. Absent for a service of the whole pool. */
  readonly machine?: number | undefined
  /** Position in `attempts`, for a service that belongs to a test. */
  readonly attempt?: number | undefined
  readonly begin: number
  /** Time until the service was ready, or until the start failed. */
  readonly readyMs: number
  /** Whether the start made a part of a running instance, such as a database. */
  readonly isTenant?: boolean | undefined
  /** Why the start failed. */
  readonly error?: string | undefined
  readonly steps: readonly { readonly name: string; readonly ms: number }[]
  readonly note?: string | undefined
}
