import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { StateError } from '../../kernel/errors.ts'
import { type Answer, LineChannel } from '../../kernel/line-channel.ts'
import { toWire } from '../../kernel/wire-error.ts'
import { acquireRun, releaseRun } from '../../run/own-run.ts'
import { packValue, unpackValue } from '../protocol/call-values.ts'
import type { Entered, InSlot, SlotAnswer, SlotRequests } from '../protocol/slot-requests.ts'
import { withPresentableErrors } from '../slot/presentable.ts'
import type { AssignedSlot, Slots } from './slots.ts'

const socketName = 'slots'

/** Answers requests of a run's workers about slots. */
export class SlotServer {
  readonly path: string
  readonly #server: Server
  readonly #stacks = new Map<string, Slots>()
  readonly #sockets = new Set<Socket>()

  private constructor(path: string) {
    this.path = path
    this.#server = createServer((socket) => this.#serve(socket))
  }

  /** Opens the socket. The returned `close` closes the socket and removes its directory. */
  static async open(): Promise<{ server: SlotServer; close: () => Promise<void> }> {
    const run = await acquireRun()
    // Only the present user can enter the directory.
    const directory = await run.createSocketDirectory(socketName.length)
    const server = new SlotServer(join(directory.value, socketName))
    server.#server.listen(server.path)
    await once(server.#server, 'listening')
    chmodSync(server.path, 0o600)
    server.#server.unref()
    const close = async (): Promise<void> => {
      server.#server.close()
      for (const socket of server.#sockets) socket.destroy()
      await directory.release()
      await releaseRun(run)
    }
    return { server, close }
  }

  add(stack: string, slots: Slots): void {
    this.#stacks.set(stack, slots)
  }

  remove(stack: string): void {
    this.#stacks.delete(stack)
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    const handlers = this.#handlersFor(socket)
    const answer: Answer = (action, argument) =>
      withPresentableErrors(() => (Reflect.get(handlers, action) as (argument: unknown) => Promise<unknown>)(argument))
    const channel = new LineChannel(socket, { answer, other: 'a worker' })
    channel.onClose(() => {
      this.#sockets.delete(socket)
      for (const slots of this.#stacks.values()) slots.free(socket)
    })
  }

  #handlersFor(worker: object): SlotRequests {
    return {
      enter: async ({ stack, poolId }) => entered(await this.#stack(stack).enter(poolId, worker)),
      leave: ({ slot }) => this.#slotsWith(slot).leave(this.#assigned(slot)),
      lease: async ({ stack }) => entered(await this.#stack(stack).lease(worker)),
      release: async ({ slot }) => void Object.assign(this.#assigned(slot), { isBusy: false, worker: undefined }),
      setUp: ({ name, timeoutMs, ...where }) => this.#changing(where, ({ slot }) => slot.setUp(name, timeoutMs)),
      begin: async ({ slot, test }) => this.#assigned(slot).slot.begin(test),
      prepare: ({ test, names, ...where }) => this.#changing(where, ({ slot }) => slot.prepare(test, names)),
      end: async ({ slot, test, outcome }) => {
        const { errors, evidence } = await this.#assigned(slot).slot.end(test, outcome)
        return { errors: await Promise.all(errors.map(asShown)), evidence }
      },
      call: ({ name, method, packed, ...where }) =>
        this.#changing(where, async ({ slot }) => {
          const value = await slot.call(name, method, unpackValue(packed) as unknown[])
          return packValue(value, `what ${name}.${method}() gives`)
        }),
    }
  }

  /** Does work that may change a slot, and adds the new view of the slot to the answer. */
  async #changing<T>({ slot, version }: InSlot, work: (assigned: AssignedSlot) => Promise<T>): Promise<SlotAnswer<T>> {
    const assigned = this.#assigned(slot)
    const value = await work(assigned)
    return assigned.slot.services.version === version ? { value } : { value, view: assigned.slot.services.view }
  }

  #stack(id: string): Slots {
    const slots = this.#stacks.get(id)
    if (slots) return slots
    throw new StateError('the services of this run have been stopped')
  }

  #slotsWith(id: number): Slots {
    const slots = [...this.#stacks.values()].find((one) => one.find(id))
    if (slots) return slots
    throw new StateError('the services of this run have been stopped')
  }

  #assigned(id: number): AssignedSlot {
    return this.#slotsWith(id).find(id) as AssignedSlot
  }
}

function entered({ id, slot }: AssignedSlot): Entered {
  return { slot: id, view: slot.services.view }
}

/** Makes an error presentable, and packs the result. */
async function asShown(error: Error): Promise<ReturnType<typeof toWire>> {
  return withPresentableErrors(() => Promise.reject(error)).catch(toWire)
}
