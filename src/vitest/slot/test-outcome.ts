/** What a slot has to know of a test that has ended. */
export interface TestOutcome {
  /** The full name of the test, for people. */
  readonly title: string
  readonly isFailed: boolean
  /** Whether the test is one of `test.fails`: its failure is no news. */
  readonly isToFail: boolean
}

/** What the end of a test has brought to light. */
export interface TestEnding {
  /** Why the test fails, besides what it has thrown itself: a service died, a connection was left open. */
  readonly errors: readonly Error[]
  /** What its services have to say about a failure. */
  readonly evidence: readonly string[]
}
