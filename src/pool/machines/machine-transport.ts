import { asError, combineErrors, hasCode, StateError } from '../../kernel/errors.ts'
import { lazy } from '../../kernel/lazy.ts'
import type { Ended } from '../../process/ended.ts'
import type { Exposed, RunOptions, TransferOptions, Transport } from '../../transport/transport.ts'

/** A machine's part of a transport: several machines of a host share the connection. */
export class MachineTransport implements Transport {
  readonly name: string
  readonly close: () => Promise<void> = lazy(() => this.#end())
  readonly #shared: Transport
  readonly #environment: Readonly<Record<string, string>>
  readonly #closing = new AbortController()
  readonly #running = new Set<Promise<unknown>>()
  readonly #exposed = new Set<Exposed>()

  /** @param environment variables of all commands of the machine */
  constructor(shared: Transport, environment: Readonly<Record<string, string>>) {
    this.name = shared.name
    this.#shared = shared
    this.#environment = environment
  }

  run(argv: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const environment = { ...this.#environment, ...options.environment }
    return this.#during(options, (signal) => this.#shared.run(argv, { ...options, environment, signal }))
  }

  put(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    return this.#during(options, (signal) => this.#shared.put(from, to, { signal }))
  }

  get(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    return this.#during(options, (signal) => this.#shared.get(from, to, { signal }))
  }

  async expose(target: { readonly host: string; readonly port: number }): Promise<Exposed> {
    const exposed = await this.#during({}, () => this.#shared.expose(target))
    this.#exposed.add(exposed)
    const close = async (): Promise<void> => {
      this.#exposed.delete(exposed)
      await exposed.close()
    }
    return { port: exposed.port, close }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #during<T>({ signal }: TransferOptions, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#closing.signal.aborted) throw this.#closed()
    const done = work(signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal)
    this.#running.add(done)
    try {
      return await done
    } catch (thrown) {
      const isOurs = this.#closing.signal.aborted && !signal?.aborted && hasCode(thrown, 'ERR_CANCELED')
      throw isOurs ? this.#closed(thrown) : thrown
    } finally {
      this.#running.delete(done)
    }
  }

  #closed(cause?: unknown): StateError {
    return new StateError(`the machine on ${this.name} has been given back`, { cause })
  }

  async #end(): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#running)
    const closed = await Promise.allSettled([...this.#exposed].map((exposed) => exposed.close()))
    const errors = closed.flatMap((each) => (each.status === 'rejected' ? [asError(each.reason)] : []))
    if (errors.length > 0) throw combineErrors(errors)
  }
}
