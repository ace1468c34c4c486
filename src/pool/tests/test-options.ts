import * as v from 'valibot'
import { isTimeout, timeoutForm } from '../../kernel/time-limit.ts'

/** Options of every kind of test. */
export interface TestOptions {
  /** Limit of one attempt, in milliseconds. Default: one hour. */
  readonly limitMs?: number | undefined
  /** Order among tests with equal or unknown durations: higher priorities first. Default: 0. */
  readonly priority?: number | undefined
  /** A test tagged `destructive` does not give the machine to the next test. */
  readonly tags?: readonly string[] | undefined
}

/** Entries of the schemas for options of tests. */
export const testEntries = {
  limitMs: v.optional(v.custom<number>(isTimeout, timeoutForm)),
  priority: v.optional(v.number()),
  tags: v.optional(v.array(v.string())),
}
