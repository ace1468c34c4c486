/** Outcome of a test. */
export interface TestOutcome {
  /** The full name of the test, for people. */
  readonly title: string
  readonly isFailed: boolean
  /** Whether the test is expected to fail (`test.fails`). */
  readonly isToFail: boolean
}

/** A slot's report about the end of a test. */
export interface TestEnding {
  /** Further errors of the test: a service died, a connection was left open. */
  readonly errors: readonly Error[]
  /** Log lines of the test's services, and the places where their state is kept; empty unless the test failed. */
  readonly evidence: readonly string[]
}
