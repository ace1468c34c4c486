import type { PoolTest } from '../tests/pool-test.ts'
import { inOrder } from './test-order.ts'
import type { GiveBackReason } from './test-queue.ts'

/** A test of the queue, with the numbers of attempts and returns. */
export interface Entry {
  readonly test: PoolTest
  attempts: number
  readonly givenBack: Record<GiveBackReason, number>
}

type ExpectedMs = (test: string, platform: string) => number | undefined

/**
 * The waiting tests, in the order for each platform. The order of a platform is made once: a million tests are not
 * sorted for each machine that becomes free.
 */
export class WaitingTests {
  readonly #entries: readonly Entry[]
  readonly #expectedMs: ExpectedMs
  readonly #waiting: Set<Entry>
  readonly #orders = new Map<string, PlatformOrder>()

  constructor(entries: readonly Entry[], expectedMs: ExpectedMs) {
    this.#entries = entries
    this.#expectedMs = expectedMs
    this.#waiting = new Set(entries)
  }

  get size(): number {
    return this.#waiting.size
  }

  add(entry: Entry): void {
    this.#waiting.add(entry)
    for (const order of this.#orders.values()) order.add(entry)
  }

  delete(entry: Entry): void {
    this.#waiting.delete(entry)
  }

  first(platform: string): Entry | undefined {
    return this.#orderOf(platform).first(this.#waiting)
  }

  all(platform: string): Entry[] {
    return this.#orderOf(platform).all(this.#waiting)
  }

  #orderOf(platform: string): PlatformOrder {
    const known = this.#orders.get(platform)
    if (known) return known
    const order = new PlatformOrder(this.#entries, (test) => this.#expectedMs(test, platform))
    this.#orders.set(platform, order)
    return order
  }
}

/** All tests in the order of a platform. No test before `#from` waits. */
class PlatformOrder {
  readonly #sorted: readonly Entry[]
  readonly #rank: ReadonlyMap<Entry, number>
  #from = 0

  constructor(entries: readonly Entry[], expectedMs: (test: string) => number | undefined) {
    this.#sorted = inOrder(entries, ({ test }) => test, expectedMs)
    this.#rank = new Map(this.#sorted.map((entry, rank) => [entry, rank]))
  }

  add(entry: Entry): void {
    this.#from = Math.min(this.#from, this.#rank.get(entry) ?? 0)
  }

  first(waiting: ReadonlySet<Entry>): Entry | undefined {
    for (; this.#from < this.#sorted.length; this.#from++) {
      const entry = this.#sorted[this.#from]
      if (entry && waiting.has(entry)) return entry
    }
    return undefined
  }

  all(waiting: ReadonlySet<Entry>): Entry[] {
    return this.#sorted.filter((entry) => waiting.has(entry))
  }
}
