import * as v from 'valibot'
import type { ResultSink } from '../results/result-sink.ts'
import type { AttemptState } from '../results/rows.ts'
import { parseOptions } from '../service/options/parse-options.ts'
import { graceSchema, timeoutSchema } from '../service/options/plan-schema.ts'
import type { Machine, Provisioner } from './machines/machine.ts'
import type { TestQueue } from './queue/test-queue.ts'
import type { ServicesFor } from './services/machine-services.ts'
import type { PoolTest } from './tests/pool-test.ts'

/** Options of `new Pool()`. An invalid option is `ERR_CONFIG`. */
export interface PoolOptions {
  /** The tests, or a queue with tests for several hosts. */
  readonly tests: readonly PoolTest[] | TestQueue
  /** Provisioners of the machines. The first is asked first. The caller closes the provisioners, not the pool. */
  readonly machines: Provisioner | readonly Provisioner[]
  /** Takes attempts and results. Default: none. */
  readonly results?: ResultSink | undefined
  /** Brings services up for each machine. Default: none. */
  readonly services?: ServicesFor | undefined
  /** Variables for every test. */
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** How often a failed test is run again. Default: 0. */
  readonly reruns?: number | undefined
  /** How often a test that could not be run is tried again. A new try is no rerun. Default: 2. */
  readonly infraReruns?: number | undefined
  /** How many of the machines wait, set up, to replace another machine. One machine always works. Default: 0. */
  readonly spares?: number | undefined
  /**
   * How many machines in a row may fail before the pool gives the provisioner up. A failed machine cannot be reserved
   * or set up, or is lost during the first test. Default: 9.
   */
  readonly failedSetUps?: number | undefined
  /** Limit of an attempt if the test sets none, in milliseconds. Default: one hour. */
  readonly limitMs?: number | undefined
  /**
   * Time for a test to end after the limit, or after a stop, in milliseconds. Then the machine is given back, and the
   * release ends all processes on the machine. Default: 20,000.
   */
  readonly graceMs?: number | undefined
  /**
   * Directory of the project, for the durations of tests, remembered from run to run. Default: the current directory.
   */
  readonly project?: string | undefined
  /** Cancels the run, like `stop`. */
  readonly signal?: AbortSignal | undefined

  /** Prepares a machine before the first test. An error counts as a failed set-up: a new machine is reserved. */
  readonly setUpMachine?: ((machine: Machine, signal: AbortSignal) => Promise<void> | void) | undefined
  /**
   * Called once for each machine prepared by `setUpMachine`, before the machine is given back: also after a stop, then
   * for at most `graceMs`.
   */
  readonly cleanUpMachine?: ((machine: Machine, signal: AbortSignal) => Promise<void> | void) | undefined
  /**
   * Chooses the next test for a machine. `undefined` declines the machine: the pool gives the machine back. The waiting
   * tests come in the default order: first tests of unknown duration, then the longest; then by priority. Only for an
   * array of tests.
   */
  readonly nextTest?: ((waiting: readonly PoolTest[], machine: Machine) => PoolTest | undefined) | undefined
  /**
   * Whether the machine of an attempt must be replaced. Default: `true` after any state but `passed`, and for a test
   * with the tag `destructive`.
   */
  readonly isDestructive?: ((attempt: FinishedAttempt) => boolean) | undefined
  /** Whether a failed test is run again, within `reruns`. Default: always. */
  readonly shouldRerun?: ((attempt: FinishedAttempt) => boolean) | undefined
}

/** A finished attempt, for the hooks of a pool. */
export interface FinishedAttempt {
  readonly test: PoolTest
  readonly machine: Machine
  /** Counts the attempts of the test, from 1. */
  readonly number: number
  readonly state: AttemptState
  /** `undefined` if the test has no exit code: ended by a signal, or never run. */
  readonly exitCode: number | undefined
  readonly signal: NodeJS.Signals | undefined
  /** Why the test could not be run, or ran no further. */
  readonly error: Error | undefined
  readonly durationMs: number
}

/** The options with all defaults. */
export type CheckedOptions = PoolOptions & {
  readonly [Name in keyof typeof defaults]: NonNullable<PoolOptions[Name]>
}

const hourMs = 3_600_000
const defaults = {
  reruns: 0,
  infraReruns: 2,
  spares: 0,
  failedSetUps: 9,
  limitMs: hourMs,
  graceMs: 20_000,
  environment: {},
} as const

const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0
const count = v.optional(v.pipe(v.unknown(), v.check(isCount, 'a whole number, 0 or more')))
const hook = v.optional(v.function())
const test = v.looseObject({ name: v.pipe(v.string(), v.nonEmpty()), kind: v.string(), run: v.function() })
const queue = v.looseObject({ take: v.function(), close: v.function() })
const provisioner = v.looseObject({ name: v.string(), slots: v.number(), reserve: v.function() })

const schema = v.strictObject({
  tests: v.union([v.array(test), queue], 'an array of tests, or a queue'),
  machines: v.union([v.pipe(v.array(provisioner), v.nonEmpty()), provisioner], 'one or more provisioners'),
  results: v.optional(v.looseObject({ begin: v.function(), finish: v.function() })),
  services: hook,
  environment: v.optional(v.record(v.string(), v.string())),
  reruns: count,
  infraReruns: count,
  spares: count,
  failedSetUps: count,
  limitMs: v.optional(timeoutSchema),
  graceMs: v.optional(graceSchema),
  project: v.optional(v.string()),
  signal: v.optional(v.looseObject({ aborted: v.boolean() })),
  setUpMachine: hook,
  cleanUpMachine: hook,
  nextTest: hook,
  isDestructive: hook,
  shouldRerun: hook,
})

/** Checks the options, and adds the defaults. @throws ERR_CONFIG naming the invalid option */
export function checkPool(options: PoolOptions): CheckedOptions {
  parseOptions(schema, options, 'new Pool()')
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  return { ...defaults, ...(Object.fromEntries(given) as unknown as PoolOptions) } as CheckedOptions
}
