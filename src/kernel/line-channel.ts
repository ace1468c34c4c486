import type { Duplex } from 'node:stream'
import { createDeferred, type Deferred } from './deferred.ts'
import { StateError } from './errors.ts'
import { fromWire, toWire, type WireError } from './wire-error.ts'

/** Answers a request. A thrown error reaches the asking side with name, message, code and stack. */
export type Answer = (action: string, argument: unknown) => Promise<unknown>

type Message =
  | { readonly id: number; readonly action: string; readonly argument: unknown }
  | { readonly id: number; readonly value?: unknown }
  | { readonly id: number; readonly error: WireError }

/** The ends of a channel. */
export interface LineChannelOptions {
  /** Answers the requests of the other side. Default: refuses all. */
  readonly answer?: Answer
  /** The other side, for messages: `the main process of Vitest, which holds the services,`. */
  readonly other: string
}

/**
 * Requests and answers over a stream in both directions: one JSON text per line, any number of requests at the same
 * time. Used instead of HTTP because the connection identifies the other side: when the connection closes, the other
 * side has ended.
 */
export class LineChannel {
  readonly #socket: Duplex
  readonly #answer: Answer
  readonly #other: string
  readonly #asked = new Map<number, Deferred<unknown>>()
  #lastId = 0
  #received = ''

  constructor(socket: Duplex, { answer = refuse, other }: LineChannelOptions) {
    this.#socket = socket
    this.#answer = answer
    this.#other = other
    socket.setEncoding('utf8').on('data', (text: string) => this.#onMessage(text))
    // Ignored: a `close` event follows, and fails all pending requests.
    socket.on('error', () => {})
    socket.on('close', () => this.#failAll())
  }

  close(): void {
    this.#socket.destroy()
  }

  onClose(listener: () => void): void {
    this.#socket.on('close', listener)
  }

  /** @throws the error of the other side; ERR_STATE when the connection is gone */
  request<T>(action: string, argument: unknown): Promise<T> {
    if (this.#socket.destroyed) return Promise.reject(this.#gone())
    const id = ++this.#lastId
    const answer = createDeferred<unknown>()
    this.#asked.set(id, answer)
    this.#send({ id, action, argument })
    return answer.promise as Promise<T>
  }

  #onMessage(text: string): void {
    const lines = (this.#received + text).split('\n')
    this.#received = lines.pop() ?? ''
    for (const line of lines) this.#take(JSON.parse(line) as Message)
  }

  #take(message: Message): void {
    if ('action' in message) return void this.#reply(message.id, message.action, message.argument)
    const asked = this.#asked.get(message.id)
    this.#asked.delete(message.id)
    if ('error' in message) asked?.reject(fromWire(message.error))
    else asked?.resolve(message.value)
  }

  async #reply(id: number, action: string, argument: unknown): Promise<void> {
    try {
      this.#send({ id, value: await this.#answer(action, argument) })
    } catch (thrown) {
      this.#send({ id, error: toWire(thrown) })
    }
  }

  #send(message: Message): void {
    if (this.#socket.writable) this.#socket.write(`${JSON.stringify(message)}\n`)
  }

  #failAll(): void {
    for (const { reject } of this.#asked.values()) reject(this.#gone())
    this.#asked.clear()
  }

  #gone(): StateError {
    return new StateError(`${this.#other} does not answer any more`)
  }
}

async function refuse(action: string): Promise<never> {
  throw new StateError(`there is no answer to the request "${action}"`)
}
