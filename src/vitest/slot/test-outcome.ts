/** How a test has ended. */
export interface TestOutcome {
  /** The full name of the test, for people. */
  readonly title: string
  readonly isFailed: boolean
  /** Whether the test is one of `test.fails`: its failure is no news. */
  readonly isToFail: boolean
}

/** What a slot has to say about the end of a test. */
export interface TestEnding {
  /** Further errors of the test: a service died, a connection was left open. */
  readonly errors: readonly Error[]
  /** What its services wrote, and where their state is kept, if the test failed. */
  readonly evidence: readonly string[]
}
