import type { TestQueue } from './test-queue.ts'

/** What the server of a queue knows of its run. */
export interface QueuedRun {
  /** Random name of the run, and of its queue. */
  readonly id: string
  /** Host that added the tests. */
  readonly host: string
  /** ISO 8601, in UTC. */
  readonly begin: string
  readonly total: number
  /** `filling`: tests are still being added. `ended`: no host takes further tests. */
  readonly state: 'filling' | 'open' | 'ended'
  /** For how long a host may be silent before its tests are given to others, in milliseconds. */
  readonly lockMs: number
  /** How often a test that failed is run again, on any host. */
  readonly reruns: number
  /** Limit of an attempt whose test has none, in milliseconds. `null`: that of each host. */
  readonly limitMs: number | null
}

/** What one process says of itself to the others of a run. */
export interface QueueHost {
  readonly host: string
  readonly pid: number
  /** The machines that run a test, or wait for one. */
  readonly machines: readonly { readonly name: string; readonly test: string | null }[]
}

/** Tests of a run by their states, over all hosts. */
export interface TestCounts {
  readonly passed: number
  readonly failed: number
  /** Tests that could not be run, though they were tried. */
  readonly infra: number
  /** Tests that have not ended, those that run included. */
  readonly notRun: number
  /** Number of counted tests by host. */
  readonly hosts: Readonly<Record<string, number>>
}

/** How a run stands, over all hosts. */
export interface QueueStatus {
  readonly run: QueuedRun
  readonly counts: TestCounts
  /** The hosts that have shown a sign of life lately. */
  readonly hosts: readonly QueueHost[]
}

/** Tests that several hosts take from one server of Redis or Valkey. */
export interface SharedQueue extends TestQueue {
  readonly run: QueuedRun
  /** Ends the run on all hosts: no further test is taken. What runs comes to its end. */
  end(): Promise<void>
  /**
   * Waits until the other hosts have run all tests. Returns at once if there is no other host, and when the last one has
   * gone.
   */
  whenDone(signal: AbortSignal): Promise<void>
  /** Waits until the other hosts have left. */
  whenAlone(signal?: AbortSignal): Promise<void>
  /** Counts the tests of all hosts. */
  counts(): Promise<TestCounts>
}
