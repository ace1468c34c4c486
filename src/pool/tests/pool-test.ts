import type { ReportedFile, ReportedResult } from '../../results/rows.ts'
import type { ServiceStart } from '../../session/service-start.ts'
import type { Machine } from '../machines/machine.ts'

/** A test of a pool: a command, a file of Vitest, a test of an FMF tree. */
export interface PoolTest {
  /** Unique in a pool: `/smoke/login`, `test/api.test.ts`. */
  readonly name: string
  /** How the test runs. With `data`, another host makes the same test again. */
  readonly kind: string
  /** All data for making the test again. Must survive JSON. */
  readonly data: unknown
  /** Order among tests with equal or unknown durations: higher priorities first. Default: 0. */
  readonly priority?: number | undefined
  /** A test tagged `destructive` does not give the machine to the next test. Default: none. */
  readonly tags?: readonly string[] | undefined
  /** Time limit of an attempt, in milliseconds. Default: one hour. */
  readonly limitMs?: number | undefined
  /**
   * Runs the test once.
   *
   * @throws ERR_TRANSPORT, ERR_CONTROL, and whatever else kept the test from running: the attempt is `infra`
   */
  run(attempt: RunningAttempt): Promise<AttemptEnd>
}

/** A running execution of a test. */
export interface RunningAttempt {
  readonly machine: Machine
  /** Counts the attempts of a test, from 1. */
  readonly number: number
  /** Variables of the services, `LP_*`, and of the pool. */
  readonly environment: Readonly<Record<string, string>>
  /** Fires at the limit, with ERR_DEADLINE, and when the attempt is canceled. */
  readonly signal: AbortSignal
  readonly limit: AttemptLimit
  /** Adds to the attempt's output. */
  output(chunk: Uint8Array): Promise<void>
  /** Puts a result on record. */
  report(result: ReportedResult): Promise<void>
  /**
   * Stores a file of a result, before the report of the result. A file of the same name is extended.
   *
   * @param result name of the result. Default: the result of the whole test
   */
  store(file: ReportedFile, result?: string): Promise<void>
  /** Puts the start of a service on record: a service that belongs to the test, not to the machine. */
  service(start: ServiceStart): Promise<void>
  /** Returns the logs of the services since the beginning of the attempt, by service. */
  serviceLogs(): Promise<Readonly<Record<string, string>>>
}

/** Limit of a running attempt. Times are milliseconds. */
export interface AttemptLimit {
  /** The time left. */
  readonly leftMs: number
  /** Begins a new limit, from now on. */
  restart(limitMs: number): void
  /** Adds to the limit; a negative number shortens the limit. */
  extend(ms: number): void
  /** Keeps the limit on a stack, with the time left. */
  save(): void
  /** Takes the last saved limit back. @throws ERR_STATE if none is saved */
  restore(): void
}

/** How the run of a test ended. */
export interface AttemptEnd {
  /** `undefined` if the test was ended by a signal. */
  readonly exitCode: number | undefined
  readonly signal?: NodeJS.Signals | undefined
  readonly passed: boolean
  /** How often the machine was restarted by the test. Default: 0. */
  readonly restarts?: number | undefined
}
