import { asError, combineErrors } from '../../kernel/errors.ts'
import { Deaths } from '../slot/deaths.ts'
import { Slot, type SlotOptions } from '../slot/slot.ts'

/** A slot, with the present worker. */
export interface AssignedSlot {
  readonly id: number
  readonly slot: Slot
  /** Connection of the worker; absent when the worker has ended. */
  worker: object | undefined
  /** Whether a test file or a concurrent test runs in the slot. */
  isBusy: boolean
  /** Whether the slot was made for concurrent tests. */
  readonly isExtra: boolean
}

/** Last id given; ids are unique among all stacks. */
let lastId = 0

/**
 * The slots of a run. A worker gets the slot of its number in the pool, so that the worker for the next file finds the
 * services of the worker before. While the slot is taken, the worker gets a different slot; this happens where several
 * pools count side by side.
 */
export class Slots {
  readonly deaths = new Deaths()
  /** Number of files in which a service was written to and no test asked for a reset, by the service's name. */
  readonly unreset = new Map<string, number>()
  readonly #options: Omit<SlotOptions, 'deaths'>
  readonly #assigned: AssignedSlot[] = []
  #isClosed = false

  constructor(options: Omit<SlotOptions, 'deaths'>) {
    this.#options = options
  }

  /** Makes the tenants of the first slot. @throws the errors of attaching, for example to a dead service */
  async warmUpFirst(): Promise<void> {
    await this.#attach(this.#add(false).slot)
  }

  /** Makes the tenants of the first slots, one slot after the other. A failure is reported when the slot is used. */
  async warmUp(count: number): Promise<void> {
    while (this.#files.length < count) this.#add(false)
    for (const { slot } of this.#files) {
      // A short run ends before all slots are made.
      if (this.#isClosed) return
      await this.#attach(slot).catch(() => {})
    }
  }

  /**
   * Gives a worker its slot, with a tenant of each shared service.
   *
   * @param poolId counts from 1
   */
  async enter(poolId: number, worker: object): Promise<AssignedSlot> {
    const own = this.#files.find((assigned) => assigned.worker === worker)
    const preferred = this.#files[poolId - 1]
    const free = [own, preferred, ...this.#files].find((one) => one && isFree(one, worker))
    const assigned = await this.#take(free ?? this.#add(false), worker)
    await assigned.slot.beginFile()
    return assigned
  }

  /** Called when a test file has ended. */
  async leave(assigned: AssignedSlot): Promise<void> {
    const written = await assigned.slot.endFile()
    for (const name of written) this.unreset.set(name, (this.unreset.get(name) ?? 0) + 1)
    Object.assign(assigned, { isBusy: false })
  }

  /** Returns a further slot of a worker, for a concurrent test. */
  async lease(worker: object): Promise<AssignedSlot> {
    const free = this.#assigned.find((one) => one.isExtra && !one.isBusy)
    return this.#take(free ?? this.#add(true), worker)
  }

  find(id: number): AssignedSlot | undefined {
    return this.#assigned.find((assigned) => assigned.id === id)
  }

  /** Frees the slots of a worker whose connection has closed, also after a kill. Their services stay. */
  free(worker: object): void {
    for (const assigned of this.#assigned)
      if (assigned.worker === worker) Object.assign(assigned, { worker: undefined, isBusy: false })
  }

  /** Cleans the named services up in every slot. A cleaned service comes up anew when a test uses the service. */
  async drop(names: readonly string[]): Promise<void> {
    await Promise.all(this.#assigned.map(({ slot }) => slot.drop(names)))
  }

  /** Closes all slots, and throws the errors of the slots that failed to close. */
  async close(): Promise<void> {
    this.#isClosed = true
    const outcomes = await Promise.allSettled(this.#assigned.map(({ slot }) => slot.close()))
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [asError(outcome.reason)] : []))
    if (errors.length > 0) throw combineErrors(errors)
  }

  async #take(assigned: AssignedSlot, worker: object): Promise<AssignedSlot> {
    Object.assign(assigned, { worker, isBusy: true })
    await this.#attach(assigned.slot)
    return assigned
  }

  async #attach(slot: Slot): Promise<void> {
    const { config, shared } = this.#options
    // A dead service counts as present: the death is reported to the next test of the service.
    const missing = Object.keys(config.services).filter((name) => shared.isShared(name) && !slot.up.includes(name))
    for (const name of missing) await slot.setUp(name)
  }

  get #files(): AssignedSlot[] {
    return this.#assigned.filter(({ isExtra }) => !isExtra)
  }

  #add(isExtra: boolean): AssignedSlot {
    const slot = new Slot({ ...this.#options, deaths: this.deaths })
    const assigned = { id: ++lastId, slot, worker: undefined, isBusy: false, isExtra }
    this.#assigned.push(assigned)
    return assigned
  }
}

function isFree({ worker, isBusy }: AssignedSlot, asking: object): boolean {
  return !isBusy || worker === asking
}
