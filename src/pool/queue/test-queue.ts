import type { AttemptState } from '../../results/rows.ts'
import type { Machine } from '../machines/machine.ts'
import type { PoolTest } from '../tests/pool-test.ts'

/** Source of tests for the machines of a pool: an array, or a queue shared by several hosts. */
export interface TestQueue extends AsyncDisposable {
  /**
   * Returns the next test for a machine. Waits while running tests may still be given back.
   *
   * @returns `undefined` when no test is left, or when `choose` declines the machine and the machine should go back
   */
  take(machine: Machine, signal: AbortSignal): Promise<TakenTest | undefined>
  /** Unfinished tests, running tests included. */
  readonly left: number
  close(): Promise<void>
}

/**
 * A test running on a machine. No second machine gets the test before `giveBack`. After the first call of `finish` or
 * `giveBack`, further calls have no effect.
 */
export interface TakenTest {
  readonly test: PoolTest
  /** Number of the attempt, from 1, over all hosts. */
  readonly number: number
  /** How often the test was given back for a reason, over all hosts. */
  readonly givenBack: Readonly<Record<GiveBackReason, number>>
  /** Fires when the test was given to another host, because the local host was taken for dead. */
  readonly lost: AbortSignal
  /** Marks the test as done. @returns whether the attempt counts: not if another attempt has been counted */
  finish(state: AttemptState): Promise<boolean>
  /** The test waits again, for a further attempt. */
  giveBack(reason: GiveBackReason): Promise<void>
}

/** Why a test is run again: the test failed, or could not be run; or the local host was asked to stop. */
export type GiveBackReason = 'failed' | 'infra' | 'canceled'
