import type { PoolTest } from '../tests/pool-test.ts'
import type { GiveBackReason } from './test-queue.ts'

/** A test of the queue, and what has become of it. */
export interface Entry {
  readonly test: PoolTest
  /** Position among the tests as they were given. */
  readonly index: number
  attempts: number
  readonly givenBack: Record<GiveBackReason, number>
}

type ExpectedMs = (test: string, platform: string) => number | undefined

/**
 * The tests that wait, in the order in which a platform should run them: first those of unknown duration, then the
 * longest; among equals, by priority, then as given. The order of a platform is made once: a million tests are not
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
    const order = new PlatformOrder(this.#entries, (entry) => this.#expectedMs(entry.test.name, platform))
    this.#orders.set(platform, order)
    return order
  }
}

/** All tests in the order of one platform. None before `#from` waits. */
class PlatformOrder {
  readonly #sorted: readonly Entry[]
  readonly #rank: ReadonlyMap<Entry, number>
  #from = 0

  constructor(entries: readonly Entry[], expectedMs: (entry: Entry) => number | undefined) {
    const weights = new Map(entries.map((entry) => [entry, expectedMs(entry) ?? Number.POSITIVE_INFINITY]))
    const weightOf = (entry: Entry): number => weights.get(entry) ?? 0
    this.#sorted = entries.toSorted((a, b) => compare(weightOf(b), weightOf(a)) || byPriority(a, b))
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

function byPriority(a: Entry, b: Entry): number {
  return compare(b.test.priority ?? 0, a.test.priority ?? 0) || a.index - b.index
}

/** Unlike a subtraction, right for two infinities. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1
}
