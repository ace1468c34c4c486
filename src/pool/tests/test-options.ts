import * as v from 'valibot'
import { isTimeout, timeoutForm } from '../../kernel/time-limit.ts'

/** Options that every kind of test has. */
export interface TestOptions {
  /** Limit of one attempt, in milliseconds. Default: one hour. */
  readonly limitMs?: number | undefined
  /** Order among tests whose durations are alike or unknown: higher ones first. Default: 0. */
  readonly priority?: number | undefined
  /** A test tagged `destructive` does not give its machine to the next. */
  readonly tags?: readonly string[] | undefined
}

/** Entries of the schemas for options of tests. */
export const testEntries = {
  limitMs: v.optional(v.custom<number>(isTimeout, timeoutForm)),
  priority: v.optional(v.number()),
  tags: v.optional(v.array(v.string())),
}
