/** Custom statuses are kept unchanged. */
export type ResultStatus = 'pass' | 'fail' | 'info' | 'warn' | 'skip' | 'error' | 'infra' | (string & {})

/** A line of `results.jsonl`, in the format of ATEX. */
export type ResultRow = readonly [
  platform: string,
  status: ResultStatus,
  test: string,
  /** Name of a part of the test; `null` for the whole test. */
  subtest: string | null,
  files: readonly string[],
  note: string | null,
]

/** A result of a running test. */
export interface ReportedResult {
  readonly status: ResultStatus
  /** Name of a part of the test. Default: none, for the whole test. */
  readonly name?: string | undefined
  readonly note?: string | undefined
  /** A name alone is a file stored for this result by `RunningAttempt.store`. */
  readonly files?: readonly (ReportedFile | string)[] | undefined
  /** The attempt's output becomes a file of this name. */
  readonly testout?: string | undefined
  /** Further data from the test. The attempt then keeps its directory, with the data in `results.jsonl` there. */
  readonly other?: Readonly<Record<string, unknown>> | undefined
}

/** A file of a result. */
export interface ReportedFile {
  /**
   * A relative path below the result's directory. `service-<name>.log` is the part of a service's log written
   * meanwhile.
   */
  readonly name: string
  /** Read once, chunk by chunk: a file may be larger than the memory. */
  readonly content: AsyncIterable<Uint8Array> | Uint8Array | string
}

/** How an attempt ended. `infra`: the test could not be run. `lost`: a different host has run the test meanwhile. */
export type AttemptState = 'passed' | 'failed' | 'infra' | 'canceled' | 'lost'

/** A line of `attempts.jsonl`. */
export interface AttemptRow {
  /** Unique in a run, over all hosts: the test's name, `#`, and its number. */
  readonly id: string
  readonly test: string
  readonly number: number
  readonly platform: string
  readonly machine: string
  readonly host: string
  /** ISO 8601, in UTC. */
  readonly begin: string
  readonly end: string
  readonly exitCode: number | null
  readonly signal: string | null
  readonly state: AttemptState
  /** Why the test was run again after this attempt; `null` if this attempt counts. */
  readonly rerun: string | null
  /** A remark of the pool on the attempt, for example the error of a set-up. */
  readonly note: string | null
}

/** A line of `machines.jsonl`: a change of a machine. */
export interface MachineRow {
  readonly machine: string
  readonly host: string
  /** A state of `MachineState`; a report shows unknown states unchanged. */
  readonly state: string
  /** ISO 8601, in UTC. */
  readonly at: string
  readonly note: string | null
}

/** A line of `services.jsonl`: the start of a service. */
export interface ServiceRow {
  readonly service: string
  readonly host: string
  /** `null` for a service of the whole pool. */
  readonly machine: string | null
  /** Id of the attempt that started the service. Default: the pool started the service. */
  readonly attempt?: string | undefined
  /** ISO 8601, in UTC. */
  readonly begin: string
  /** Milliseconds until the service was ready, or until the start failed. */
  readonly readyMs: number
  /** `true` for a part of a running instance, such as a database. Default: a new instance was started. */
  readonly isTenant?: boolean | undefined
  /** Message of the error, for a start that failed. */
  readonly error?: string | undefined
  /** Parts of the start, in the order of time. Default: none. */
  readonly steps?: readonly { readonly name: string; readonly ms: number }[] | undefined
  readonly note: string | null
}
