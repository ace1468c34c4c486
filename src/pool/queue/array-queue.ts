import { ConfigError } from '../../kernel/errors.ts'
import { onAbort } from '../../kernel/on-abort.ts'
import { createSharedAbort } from '../../kernel/shared-abort.ts'
import type { Machine } from '../machines/machine.ts'
import type { PoolTest } from '../tests/pool-test.ts'
import type { GiveBackReason, TakenTest, TestQueue } from './test-queue.ts'
import { checkNames } from './unique-names.ts'
import { type Entry, WaitingTests } from './waiting-tests.ts'

/** Options of `new ArrayQueue()`. */
export interface ArrayQueueOptions {
  /**
   * Chooses the next test for a machine from the waiting tests, in the order of `expectedMs`. Returns `undefined` to
   * decline the machine. Default: the first test.
   */
  readonly choose?: ((waiting: readonly PoolTest[], machine: Machine) => PoolTest | undefined) | undefined
  /** Returns the expected duration of a test on a platform; `undefined` for an unknown test. */
  readonly expectedMs?: ((test: string, platform: string) => number | undefined) | undefined
}

/** The tests of a single process. */
export class ArrayQueue implements TestQueue {
  readonly #choose: ArrayQueueOptions['choose']
  readonly #waiting: WaitingTests
  readonly #takers = new Set<() => void>()
  #left: number
  #isClosed = false

  /** @throws ERR_CONFIG if two tests have the same name */
  constructor(tests: readonly PoolTest[], { choose, expectedMs = () => undefined }: ArrayQueueOptions = {}) {
    checkNames(tests)
    this.#choose = choose
    this.#left = tests.length
    this.#waiting = new WaitingTests(tests.map(entryOf), expectedMs)
  }

  get left(): number {
    return this.#left
  }

  async take(machine: Machine, signal: AbortSignal): Promise<TakenTest | undefined> {
    while (!this.#isClosed && this.#left > 0) {
      signal.throwIfAborted()
      if (this.#waiting.size > 0) return this.#takeNow(machine)
      await this.#untilChange(signal)
    }
    return undefined
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#change()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #takeNow(machine: Machine): TakenTest | undefined {
    const entry = this.#choose ? this.#chosen(this.#choose, machine) : this.#waiting.first(machine.platform)
    if (!entry) return undefined
    this.#waiting.delete(entry)
    entry.attempts++
    return new Taken(entry, (reason) => this.#end(entry, reason))
  }

  #chosen(choose: NonNullable<ArrayQueueOptions['choose']>, machine: Machine): Entry | undefined {
    const waiting = this.#waiting.all(machine.platform)
    const test = choose(
      waiting.map((entry) => entry.test),
      machine,
    )
    const entry = test && waiting.find((one) => one.test === test)
    if (test && !entry) throw new ConfigError(`nextTest() returned "${test.name}", which is none of the waiting tests`)
    return entry
  }

  #end(entry: Entry, reason: GiveBackReason | undefined): void {
    if (!reason) this.#left--
    else {
      entry.givenBack[reason]++
      this.#waiting.add(entry)
    }
    this.#change()
  }

  #change(): void {
    for (const wake of this.#takers) wake()
  }

  #untilChange(signal: AbortSignal): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const wake = (): void => {
        this.#takers.delete(wake)
        listening[Symbol.dispose]()
        if (signal.aborted) reject(signal.reason)
        else resolve()
      }
      this.#takers.add(wake)
      const listening = onAbort(signal, wake)
    })
  }
}

/** Never fires: a test of this process cannot go to another host. */
const neverLost = createSharedAbort().signal

class Taken implements TakenTest {
  readonly test: PoolTest
  readonly number: number
  readonly givenBack: Readonly<Record<GiveBackReason, number>>
  readonly lost = neverLost
  readonly #end: (reason?: GiveBackReason) => void
  #isEnded = false

  constructor(entry: Entry, end: (reason?: GiveBackReason) => void) {
    this.test = entry.test
    this.number = entry.attempts
    this.givenBack = { ...entry.givenBack }
    this.#end = end
  }

  async finish(): Promise<boolean> {
    this.#endOnce()
    return true
  }

  async giveBack(reason: GiveBackReason): Promise<void> {
    this.#endOnce(reason)
  }

  #endOnce(reason?: GiveBackReason): void {
    if (!this.#isEnded) this.#end(reason)
    this.#isEnded = true
  }
}

function entryOf(test: PoolTest): Entry {
  return { test, attempts: 0, givenBack: { failed: 0, infra: 0, canceled: 0 } }
}
