import type { Worker } from 'node:worker_threads'
import { packageThread } from '../host/modules/package-program.ts'
import { settlesWithin } from '../kernel/deadline.ts'
import { createDeferred, type Deferred } from '../kernel/deferred.ts'
import { ConfigError, StateError } from '../kernel/errors.ts'
import { areClear, type Conditions, undisturbed } from './conditions.ts'
import type { Network } from './network.ts'
import type { ThreadAnswer, ThreadCall, ThreadData, ThreadRequest } from './proxy-thread.ts'

/** The thread ends at once, unless Node cannot close a connection. A stop of the service must not wait for that. */
const endLimitMs = 2_000

interface ProxyOptions extends ThreadData {
  /** Label of the service, for messages. */
  readonly label: string
}

/** A TCP proxy in a thread of its own, controlled from here. Neither keeps the process alive. */
export class NetworkProxy implements Network {
  readonly port: number
  readonly #label: string
  readonly #thread: Worker
  readonly #pending = new Map<number, Deferred<void>>()
  #conditions = undisturbed
  #lastId = 0
  #hasEnded = false

  private constructor({ label, listen }: ProxyOptions, thread: Worker) {
    this.port = listen.port
    this.#label = label
    this.#thread = thread
    this.#thread.on('message', (answer: ThreadAnswer) => this.#settle(answer))
    this.#thread.on('error', (error) => this.#fail(error))
    this.#thread.on('exit', () => this.#fail(new StateError(`the proxy of ${label} has ended`)))
    this.#thread.unref()
  }

  /** Starts a proxy that accepts connections. @throws EADDRINUSE if the port is taken */
  static async start(options: ProxyOptions): Promise<NetworkProxy> {
    const { listen, target } = options
    const data: ThreadData = { listen, target }
    const proxy = new NetworkProxy(options, await packageThread('proxy-thread', data))
    try {
      await proxy.open()
      return proxy
    } catch (thrown) {
      await proxy.end()
      throw thrown
    }
  }

  /** Accepts connections. */
  open(): Promise<void> {
    return this.#ask({ kind: 'open' })
  }

  /** Refuses new connections. */
  close(): Promise<void> {
    return this.#ask({ kind: 'close' })
  }

  cut(): Promise<void> {
    return this.#change({ isCut: true })
  }

  async latency(ms: number): Promise<void> {
    this.#require(`latency(${ms})`, Number.isFinite(ms) && ms >= 0, 'a number of milliseconds, 0 or more')
    await this.#change({ latencyMs: ms })
  }

  async bandwidth(kBps: number): Promise<void> {
    this.#require(`bandwidth(${kBps})`, kBps > 0, 'a number of kilobytes per second, above 0')
    // 1,000 bytes a second are 1 byte a millisecond.
    await this.#change({ bytesPerMs: kBps })
  }

  resetConnections(): Promise<void> {
    return this.#ask({ kind: 'resetConnections' })
  }

  async restore(): Promise<void> {
    if (!areClear(this.#conditions)) await this.#change(undisturbed)
  }

  /** Ends the thread, and with it all connections. Harmless when repeated. */
  async end(): Promise<void> {
    await settlesWithin(this.#thread.terminate(), endLimitMs)
  }

  async #change(changes: Partial<Conditions>): Promise<void> {
    this.#conditions = { ...this.#conditions, ...changes }
    await this.#ask({ kind: 'change', conditions: this.#conditions })
  }

  #ask(call: ThreadCall): Promise<void> {
    if (this.#hasEnded) return Promise.reject(new StateError(`the proxy of ${this.#label} has ended`))
    const request: ThreadRequest = { id: ++this.#lastId, call }
    const answer = createDeferred()
    this.#pending.set(request.id, answer)
    this.#thread.ref()
    this.#thread.postMessage(request)
    return answer.promise
  }

  #settle({ id, failure }: ThreadAnswer): void {
    const answer = this.#pending.get(id)
    this.#pending.delete(id)
    if (this.#pending.size === 0) this.#thread.unref()
    if (failure) answer?.reject(Object.assign(new Error(failure.message), { code: failure.code }))
    else answer?.resolve()
  }

  #fail(error: Error): void {
    this.#hasEnded = true
    for (const answer of this.#pending.values()) answer.reject(error)
    this.#pending.clear()
  }

  #require(call: string, isValid: boolean, expected: string): void {
    if (!isValid) throw new ConfigError(`${this.#label}: network.${call}: expected ${expected}`)
  }
}
