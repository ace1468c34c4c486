import { createDeferred, type Deferred } from '../kernel/deferred.ts'
import { asError } from '../kernel/errors.ts'
import { onAbort } from '../kernel/on-abort.ts'
import type { Machine, Provisioner } from './machines/machine.ts'
import { isPermanent } from './machines/permanent-failure.ts'
import type { PoolEvent } from './pool-event.ts'

export interface MachineSetOptions {
  readonly provisioners: readonly Provisioner[]
  readonly spares: number
  readonly failedSetUps: number
  /** Returns the number of machines for the present tests, spares included. */
  readonly wanted: () => number
  /** Fires when no machine is needed any more. */
  readonly over: AbortSignal
  readonly emit: (event: PoolEvent) => void
  /** Prepares a machine for tests. The returned clean-up runs before the machine is given back. */
  readonly setUp: (machine: Machine, over: AbortSignal) => Promise<ReadyMachine>
  /** Called with a fatal error of the results, or of the queue. */
  readonly onError: (error: Error) => void
}

/** A machine after the set-up. */
export interface ReadyMachine {
  /**
   * Runs tests until no test is left, or until the machine must be replaced.
   *
   * @param onProved called after each test, unless the machine was lost
   */
  work(onProved: () => void): Promise<WorkEnd>
  cleanUp(): Promise<void>
}

/**
 * `declined`: the machine got no test at all. A similar machine would get none either, until a test is given back. An
 * error: the machine was lost during the first test.
 */
export type WorkEnd = 'done' | 'declined' | Error

/**
 * A provisioner, with the numbers of active machines, declined machines, and failures in a row. A refused provisioner
 * has failed in a way that makes further attempts useless.
 */
interface Source {
  readonly provisioner: Provisioner
  active: number
  declined: number
  failuresInRow: number
  isRefused: boolean
}

/** Reserves as many machines as the tests need, sets the machines up, and gives the machines back. */
export class MachineSet {
  /** Resolves when all machines have been given back, and no further machine is wanted. */
  readonly ended: Promise<void>
  readonly leftBehind: string[] = []
  readonly #options: MachineSetOptions
  readonly #sources: readonly Source[]
  readonly #ended = createDeferred()
  readonly #machines = new Set<Machine>()
  readonly #waitingSpares: Deferred<void>[] = []
  #occupied = 0
  /** Number of free places among the working machines. Without a free place, a machine waits as a spare. */
  #places: number
  #lastFailure: string | null = null

  constructor(options: MachineSetOptions) {
    this.#options = options
    this.ended = this.#ended.promise
    this.#sources = options.provisioners.map((provisioner) => newSource(provisioner))
    const slots = options.provisioners.reduce((sum, provisioner) => sum + provisioner.slots, 0)
    this.#places = Math.max(1, slots - options.spares)
  }

  /** Why no more machines are reserved; `null` if no provisioner was given up, and no machine was declined. */
  get reason(): string | null {
    if (this.#sources.some((source) => this.#isGivenUp(source))) return this.#lastFailure
    const declined = this.#sources.some((source) => source.declined > 0)
    return declined ? 'nextTest() declined every machine that is left' : null
  }

  /** Number of machines at work, or waiting for a test. */
  get size(): number {
    return this.#machines.size
  }

  /** Reserves as many machines as are wanted now. */
  fill(): void {
    for (let missing = this.#missing(); missing > 0; missing--) {
      const source = this.#sources.find((one) => this.#hasRoom(one))
      if (!source) break
      this.#start(source)
    }
    if (this.#occupied === 0) this.#ended.resolve()
  }

  /** Reserves machines again in place of declined machines, since a test waits again. */
  forgetDeclined(): void {
    for (const source of this.#sources) source.declined = 0
    this.fill()
  }

  /** Begins to give all machines back, without waiting for the end. */
  abandon(): void {
    for (const machine of this.#machines) void machine.release().catch(() => {})
  }

  #missing(): number {
    if (this.#options.over.aborted) return 0
    return this.#options.wanted() - this.#sources.reduce((sum, { active }) => sum + active, 0)
  }

  #hasRoom(source: Source): boolean {
    return !this.#isGivenUp(source) && source.active + source.declined < source.provisioner.slots
  }

  #isGivenUp(source: Source): boolean {
    return source.isRefused || source.provisioner.slots === 0 || source.failuresInRow > this.#options.failedSetUps
  }

  #start(source: Source): void {
    source.active++
    this.#occupied++
    void this.#occupy(source)
      .catch((thrown) => this.#options.onError(asError(thrown)))
      .finally(() => {
        this.#occupied--
        this.fill()
      })
  }

  /** Holds a machine from the reservation to the release. */
  async #occupy(source: Source): Promise<void> {
    const machine = await this.#reserve(source)
    if (!machine) return
    this.#machines.add(machine)
    try {
      await this.#use(source, machine)
    } finally {
      this.#machines.delete(machine)
      await this.#release(machine)
    }
  }

  async #reserve(source: Source): Promise<Machine | undefined> {
    const { over, emit } = this.#options
    const { name, slots } = source.provisioner
    emit({ type: 'machine', machine: name, state: 'reserving' })
    try {
      return await source.provisioner.reserve({ signal: over })
    } catch (thrown) {
      const error = asError(thrown)
      if (isPermanent(error)) this.#refuse(source, error, slots)
      else this.#leave(source, over.aborted ? undefined : error)
      emit({ type: 'machine', machine: name, state: 'gone', note: error.message })
      return undefined
    }
  }

  /** Gives a provisioner up, unless the provisioner has lost a part of its slots by the failure. */
  #refuse(source: Source, { message }: Error, slotsBefore: number): void {
    source.isRefused ||= source.provisioner.slots === slotsBefore
    this.#lastFailure = message
    this.#leave(source)
  }

  async #use(source: Source, machine: Machine): Promise<void> {
    const { over, emit, setUp } = this.#options
    emit({ type: 'machine', machine: machine.name, state: 'setting-up', provisioner: source.provisioner.name })
    let ready: ReadyMachine
    try {
      ready = await setUp(machine, over)
    } catch (thrown) {
      const error = asError(thrown)
      this.#leave(source, over.aborted ? undefined : error)
      return emit({ type: 'machine', machine: machine.name, state: 'releasing', note: error.message })
    }
    let end: WorkEnd = 'done'
    try {
      end = await this.#workInTurn(ready, source)
    } finally {
      if (end === 'declined') source.declined++
      // The replacement is reserved while the old machine is given back.
      this.#leave(source, end instanceof Error ? end : undefined)
      emit({ type: 'machine', machine: machine.name, state: 'releasing' })
      await this.#attempt(machine, () => ready.cleanUp())
    }
  }

  /** Waits as a spare while enough machines work. */
  async #workInTurn(ready: ReadyMachine, source: Source): Promise<WorkEnd> {
    await this.#takePlace()
    try {
      if (this.#options.over.aborted) return 'done'
      return await ready.work(() => {
        source.failuresInRow = 0
      })
    } finally {
      this.#givePlace()
    }
  }

  async #takePlace(): Promise<void> {
    if (this.#places === 0) {
      const turn = createDeferred()
      this.#waitingSpares.push(turn)
      using _listening = onAbort(this.#options.over, () => turn.resolve())
      await turn.promise
    } else this.#places--
  }

  #givePlace(): void {
    const spare = this.#waitingSpares.shift()
    if (spare) spare.resolve()
    else this.#places++
  }

  #leave(source: Source, failure?: Error): void {
    source.active--
    if (failure) {
      source.failuresInRow++
      const often = source.failuresInRow
      this.#lastFailure = `${source.provisioner.name}: ${often} machines in a row have failed: ${failure.message}`
    }
    this.fill()
  }

  async #release(machine: Machine): Promise<void> {
    const note = await this.#attempt(machine, () => machine.release())
    this.#options.emit({ type: 'machine', machine: machine.name, state: 'gone', ...(note && { note }) })
  }

  /**
   * Returns the message of an error, and adds the message to `leftBehind`. The tests have run, and all results count.
   */
  async #attempt(machine: Machine, cleanUp: () => Promise<void>): Promise<string | undefined> {
    try {
      await cleanUp()
      return undefined
    } catch (thrown) {
      const { message } = asError(thrown)
      this.leftBehind.push(`${machine.name}: ${message}`)
      return message
    }
  }
}

function newSource(provisioner: Provisioner): Source {
  return { provisioner, active: 0, declined: 0, failuresInRow: 0, isRefused: false }
}
