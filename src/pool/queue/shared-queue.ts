import type { AttemptRow } from '../../results/rows.ts'
import type { TestQueue } from './test-queue.ts'

/** The record of a run in the server of a queue. */
export interface QueuedRun {
  /** Random name of the run and the queue. */
  readonly id: string
  /** Host that added the tests. */
  readonly host: string
  /** ISO 8601, in UTC. */
  readonly begin: string
  readonly total: number
  /** `filling`: tests are still being added. `ended`: no host takes further tests. */
  readonly state: 'filling' | 'open' | 'ended'
  /** How long a host may be silent before the queue gives the host's tests to other hosts, in milliseconds. */
  readonly lockMs: number
  /** How often a failed test is run again, on any host. */
  readonly reruns: number
  /** Limit of an attempt if the test sets none, in milliseconds. `null`: each host decides. */
  readonly limitMs: number | null
  /** Directories that each host needs. */
  readonly directories: readonly string[]
}

/** The record of a process, for all processes of a run. */
export interface QueueHost {
  readonly host: string
  readonly pid: number
  /** The machines with a running test, and the waiting machines. */
  readonly machines: readonly { readonly name: string; readonly test: string | null }[]
}

/** Numbers of tests of a run by state, over all hosts. */
export interface TestCounts {
  readonly passed: number
  readonly failed: number
  /** Tried tests that could not be run. */
  readonly infra: number
  /** Unfinished tests, running tests included. */
  readonly notRun: number
  /** Number of counted tests by host. */
  readonly hosts: Readonly<Record<string, number>>
}

/** How a run stands, over all hosts. */
export interface QueueStatus {
  readonly run: QueuedRun
  readonly counts: TestCounts
  /** The hosts with a recent sign of life. */
  readonly hosts: readonly QueueHost[]
}

/** A queue of tests for several hosts, on a server of Redis or Valkey. */
export interface SharedQueue extends TestQueue {
  readonly run: QueuedRun
  /** Ends the run on all hosts: no further test is taken. Running tests go on to the end. */
  end(): Promise<void>
  /** Waits until the other hosts have run all tests. Returns early if no other host is left. */
  whenDone(signal: AbortSignal): Promise<void>
  /** Waits until the other hosts have left. */
  whenAlone(signal?: AbortSignal): Promise<void>
  /** Counts the tests of all hosts. */
  counts(): Promise<TestCounts>
  /** Yields the counted attempts of the other hosts, in the order of ending, many at a time. */
  attemptsElsewhere(): AsyncIterable<readonly AttemptRow[]>
}
