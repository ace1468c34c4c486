import * as v from 'valibot'
import { sleep } from '../../kernel/deadline.ts'
import { asError, CanceledError, combineErrors, StateError, TransportError } from '../../kernel/errors.ts'
import { lazy } from '../../kernel/lazy.ts'
import { parseOptions } from '../../service/options/parse-options.ts'
import type { Machine, Provisioner } from './machine.ts'
import type { MachineMaker, MadeMachine } from './machine-maker.ts'
import { isPermanent } from './permanent-failure.ts'
import { Slots } from './slots.ts'

/** How often a reservation is tried. */
export interface ReservationOptions {
  /** Attempts to make a machine before `reserve` fails. Default: 4. */
  readonly attempts?: number | undefined
  /** Pause after the first failure, in milliseconds; each further pause is twice as long. Default: 250. */
  readonly pauseMs?: number | undefined
}

export const reservationSchema = {
  attempts: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  pauseMs: v.optional(v.pipe(v.number(), v.minValue(0))),
}
const optionsSchema = v.strictObject(reservationSchema)

const defaultAttempts = 4
const defaultPauseMs = 250
const longestPauseMs = 10_000

/**
 * Returns a provisioner for machines made by the caller: for clouds, virtual machines, and all kinds without a
 * provisioner here.
 *
 * @throws ERR_CONFIG for an invalid option
 */
export function createProvisioner(maker: MachineMaker, options: ReservationOptions = {}): Provisioner {
  return new SlotProvisioner(maker, parseOptions(optionsSchema, options, 'createProvisioner()'))
}

class SlotProvisioner implements Provisioner {
  readonly name: string
  readonly close: () => Promise<void>
  readonly #maker: MachineMaker
  readonly #options: ReservationOptions
  readonly #free: Slots
  readonly #closing = new AbortController()
  readonly #reservations = new Set<Promise<Machine>>()
  readonly #reserved = new Set<Machine>()
  #count = 0

  constructor(maker: MachineMaker, options: ReservationOptions) {
    this.name = maker.name
    this.#maker = maker
    this.#options = options
    // Without slots, each reservation fails with the error of the maker.
    this.#free = new Slots(() => Math.max(1, maker.slots))
    this.close = lazy(() => this.#close())
  }

  get slots(): number {
    return this.#maker.slots
  }

  async reserve({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<Machine> {
    const signals = [signal, this.#closing.signal].filter((one) => one !== undefined)
    const reservation = this.#reserve(AbortSignal.any(signals))
    this.#reservations.add(reservation)
    try {
      return await reservation
    } catch (thrown) {
      throw this.#describe(thrown, signal)
    } finally {
      this.#reservations.delete(reservation)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #reserve(signal: AbortSignal): Promise<Machine> {
    await this.#free.take(signal)
    try {
      return this.#keep(await this.#makeWanted(signal))
    } catch (thrown) {
      this.#free.give()
      throw thrown
    }
  }

  /** Makes a machine, and ends the machine again if the reservation was canceled meanwhile. */
  async #makeWanted(signal: AbortSignal): Promise<MadeMachine> {
    const made = await this.#makeRepeatedly(signal)
    if (!signal.aborted) return made
    await made.end()
    throw signal.reason
  }

  async #makeRepeatedly(signal: AbortSignal): Promise<MadeMachine> {
    const { attempts = defaultAttempts, pauseMs = defaultPauseMs } = this.#options
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted()
      try {
        return await this.#maker.make(++this.#count, signal)
      } catch (thrown) {
        if (signal.aborted || isPermanent(thrown)) throw thrown
        if (attempt >= attempts) throw this.#noMachine(attempt, asError(thrown))
      }
      await sleep(Math.min(pauseMs * 2 ** (attempt - 1), longestPauseMs), signal)
    }
  }

  #noMachine(attempts: number, cause: Error): Error {
    const often = attempts === 1 ? 'one attempt' : `${attempts} attempts`
    return new TransportError(`${this.name}: no machine after ${often}: ${cause.message}`, { cause })
  }

  #keep(made: MadeMachine): Machine {
    const machine = new ReservedMachine(made, async () => {
      try {
        await made.end()
      } finally {
        this.#reserved.delete(machine)
        this.#free.give()
      }
    })
    this.#reserved.add(machine)
    return machine
  }

  #describe(thrown: unknown, signal: AbortSignal | undefined): unknown {
    if (this.#closing.signal.aborted)
      return new StateError(`${this.name} is closed, and hands out no machine`, { cause: thrown })
    if (signal?.aborted) return new CanceledError(`reserving a machine of ${this.name}`, { cause: thrown })
    return thrown
  }

  async #close(): Promise<void> {
    this.#closing.abort(new StateError(`${this.name} is closed`))
    await Promise.allSettled(this.#reservations)
    const released = await Promise.allSettled([...this.#reserved].map((machine) => machine.release()))
    const closed = await Promise.allSettled([this.#maker.close?.()])
    const errors = [...released, ...closed].flatMap((end) => (end.status === 'rejected' ? [asError(end.reason)] : []))
    if (errors.length > 0) throw combineErrors(errors)
  }
}

class ReservedMachine implements Machine {
  readonly name: string
  readonly platform: string
  readonly transport: Machine['transport']
  readonly directory: string
  readonly release: () => Promise<void>

  constructor(made: MadeMachine, end: () => Promise<void>) {
    this.name = made.name
    this.platform = made.platform
    this.transport = made.transport
    this.directory = made.directory
    const ended = lazy(() => ({ promise: end() }))
    this.release = () => ended().promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release()
  }
}
