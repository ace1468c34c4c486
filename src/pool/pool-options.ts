import * as v from 'valibot'
import type { ResultSink } from '../results/result-sink.ts'
import type { AttemptState } from '../results/rows.ts'
import { parseOptions } from '../service/options/parse-options.ts'
import { graceSchema, timeoutSchema } from '../service/options/plan-schema.ts'
import type { Machine, Provisioner } from './machines/machine.ts'
import type { TestQueue } from './queue/test-queue.ts'
import type { ServicesFor } from './services/machine-services.ts'
import type { PoolTest } from './tests/pool-test.ts'

export interface PoolOptions {
  /** The tests, or the queue from which several hosts take them. */
  readonly tests: readonly PoolTest[] | TestQueue
  /** Where machines come from. The first provisioner is asked first. They stay open: whoever made them closes them. */
  readonly machines: Provisioner | readonly Provisioner[]
  /** Takes attempts and results. Default: nothing is kept. */
  readonly results?: ResultSink | undefined
  /** Brings services up for each machine. Default: none. */
  readonly services?: ServicesFor | undefined
  /** Variables for every test. */
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** How often a test that failed is run again. Default: 0. */
  readonly reruns?: number | undefined
  /** How often a test that could not be run is tried again. Such attempts are no reruns. Default: 2. */
  readonly infraReruns?: number | undefined
  /** Of the machines, how many are set up and wait to replace one that is given back. One always works. Default: 0. */
  readonly spares?: number | undefined
  /**
   * How many machines in a row may fail before their provisioner is given up: they cannot be reserved or set up, or are
   * lost in their first test. Default: 9.
   */
  readonly failedSetUps?: number | undefined
  /** Limit of an attempt whose test has none, in milliseconds. Default: one hour. */
  readonly limitMs?: number | undefined
  /**
   * Time that a test has to end after its limit, or after a stop, in milliseconds. Then its machine is given back with
   * all that runs there. Default: 20,000.
   */
  readonly graceMs?: number | undefined
  /** Directory of the project. Durations of its tests are remembered from run to run. Default: the current directory. */
  readonly project?: string | undefined
  /** Cancels the run, like `stop`. */
  readonly signal?: AbortSignal | undefined

  /** Prepares a machine before its first test. An error counts as a failed set-up: another machine is reserved. */
  readonly setUpMachine?: ((machine: Machine, signal: AbortSignal) => Promise<void> | void) | undefined
  /**
   * Called once for each machine that `setUpMachine` has prepared, before the machine is given back: also after a stop,
   * then for at most `graceMs`.
   */
  readonly cleanUpMachine?: ((machine: Machine, signal: AbortSignal) => Promise<void> | void) | undefined
  /**
   * Chooses the next test for a machine. Returns `undefined` to decline the machine, which is given back. The waiting
   * tests come in the default order: of unknown duration, then the longest; then by priority. Only for an array of tests.
   */
  readonly nextTest?: ((waiting: readonly PoolTest[], machine: Machine) => PoolTest | undefined) | undefined
  /**
   * Whether the machine of an attempt must be replaced. Default: `true` for a test that did not pass, or that has the tag
   * `destructive`.
   */
  readonly isDestructive?: ((attempt: FinishedAttempt) => boolean) | undefined
  /** Whether a test that failed is run again, within `reruns`. Default: always. */
  readonly shouldRerun?: ((attempt: FinishedAttempt) => boolean) | undefined
}

/** An attempt that has ended, for the hooks of a pool. */
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

/** The options with their defaults. */
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
