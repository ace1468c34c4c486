import type { Durations } from './durations.ts'
import type { PoolTest } from './tests/pool-test.ts'

/** Estimates the work left: by the durations of earlier runs, and for unknown tests by the mean of this run. */
export class Estimate {
  readonly #expectedMs = new Map<string, number>()
  #knownLeftMs = 0
  #doneMs = 0
  #done = 0

  /** @param tests the tests of the run; empty if unknown */
  constructor(tests: readonly PoolTest[], durations: Durations) {
    for (const { name } of tests) {
      const expectedMs = durations.typicalMs(name)
      if (expectedMs !== undefined) this.#add(name, expectedMs)
    }
  }

  /** The test is done, and will not run again. */
  finish(test: string, durationMs: number): void {
    this.#done++
    this.#doneMs += durationMs
    this.#knownLeftMs -= this.#expectedMs.get(test) ?? 0
    this.#expectedMs.delete(test)
  }

  /**
   * Returns the time until all tests are done. `undefined` if a duration is unknown, and no test is done yet, or no test
   * waits: the mean says little about a single test.
   *
   * @param left number of unfinished tests
   * @param machines number of machines at work
   */
  leftMs(left: number, machines: number): number | undefined {
    const unknown = Math.max(0, left - this.#expectedMs.size)
    if (unknown > 0 && (this.#done === 0 || left <= machines)) return undefined
    const meanMs = this.#done === 0 ? 0 : this.#doneMs / this.#done
    return Math.round((this.#knownLeftMs + unknown * meanMs) / Math.max(1, machines))
  }

  #add(name: string, expectedMs: number): void {
    this.#expectedMs.set(name, expectedMs)
    this.#knownLeftMs += expectedMs
  }
}
