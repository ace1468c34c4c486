import type { AttemptState } from '../../results/rows.ts'
import type { Machine } from '../machines/machine.ts'
import type { PoolTest } from '../tests/pool-test.ts'

/** Where the machines of a pool get their tests from: an array, or a queue that several hosts share. */
export interface TestQueue extends AsyncDisposable {
  /**
   * Returns the next test for a machine. Waits while others may still give tests back.
   *
   * @returns `undefined` when nothing is left to do, or when `choose` declines the machine and the machine should go
   *   back
   */
  take(machine: Machine, signal: AbortSignal): Promise<TakenTest | undefined>
  /** Tests that have not ended, those that run included. */
  readonly left: number
  close(): Promise<void>
}

/**
 * A test that one machine runs at present. No other machine gets it before it is given back. After the first call of
 * `finish` or `giveBack`, further calls do nothing.
 */
export interface TakenTest {
  readonly test: PoolTest
  /** Number of this attempt, from 1, over all hosts. */
  readonly number: number
  /** How often the test was given back for a reason, over all hosts. */
  readonly givenBack: Readonly<Record<GiveBackReason, number>>
  /** Fires when the test was given to another host: this host was taken for dead. */
  readonly lost: AbortSignal
  /** The test is done. @returns whether this attempt counts: not if another one has been counted */
  finish(state: AttemptState): Promise<boolean>
  /** The test waits again, for a further attempt. */
  giveBack(reason: GiveBackReason): Promise<void>
}

/** Why a test is run again: it failed, or could not be run; or this host was asked to stop. */
export type GiveBackReason = 'failed' | 'infra' | 'canceled'
