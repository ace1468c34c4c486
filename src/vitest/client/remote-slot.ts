import { once } from 'node:events'
import { connect } from 'node:net'
import { LineChannel } from '../../kernel/line-channel.ts'
import { fromWire } from '../../kernel/wire-error.ts'
import { seemsToRun } from '../../process/inspect/ending.ts'
import type { ExternalService } from '../../service/external-service.ts'
import { labelOf } from '../../service/options/label.ts'
import { packValue, unpackValue } from '../protocol/call-values.ts'
import type { Entered, InSlot, SlotRequests } from '../protocol/slot-requests.ts'
import type { ProvidedStack } from '../slot/run-context.ts'
import type { SlotView } from '../slot/slot-view.ts'
import type { TestEnding, TestOutcome } from '../slot/test-outcome.ts'
import { createServiceProxy } from './service-proxy.ts'
import type { LeasedSlot, Leave } from './test-slot.ts'
import { showSlot } from './worker-environment.ts'

type Action = keyof SlotRequests
type Argument<A extends Action> = Parameters<SlotRequests[A]>[0]
type ActionInSlot = Exclude<Action, 'enter' | 'lease'>

/** The connection of a worker to the main process, for a test file. */
export interface Connection {
  request<A extends Action>(action: A, argument: Argument<A>): ReturnType<SlotRequests[A]>
  close(): void
}

export async function openConnection(path: string): Promise<Connection> {
  const socket = connect(path)
  await once(socket, 'connect')
  // The socket does not keep an idle worker from ending.
  socket.unref()
  const channel = new LineChannel(socket, { other: 'the main process of Vitest, which holds the services,' })
  const request = (action: string, argument: unknown) => channel.request(action, argument)
  return { request: request as Connection['request'], close: () => channel.close() }
}

/** A slot of the main process, entered at the first use. */
export class RemoteSlot implements LeasedSlot {
  readonly #connection: Promise<Connection>
  readonly #stack: ProvidedStack
  /** Whether `process.env` shows the slot. */
  readonly #showsInEnvironment: boolean
  readonly #requestEntry: () => Promise<Entered>
  readonly #proxies = new Map<string, ExternalService<object>>()
  #entering: Promise<number> | undefined
  #view: SlotView | undefined

  private constructor(
    connection: Promise<Connection>,
    stack: ProvidedStack,
    { showsInEnvironment, take }: { readonly showsInEnvironment: boolean; readonly take: () => Promise<Entered> },
  ) {
    this.#connection = connection
    this.#stack = stack
    this.#showsInEnvironment = showsInEnvironment
    this.#requestEntry = take
  }

  /** Returns the slot of this worker. The environment shows the slot after `enter`. */
  static ofWorker(connection: Promise<Connection>, stack: ProvidedStack): RemoteSlot {
    const poolId = Number(process.env.VITEST_POOL_ID)
    const take = async (): Promise<Entered> => (await connection).request('enter', { stack: stack.id, poolId })
    return new RemoteSlot(connection, stack, { showsInEnvironment: true, take })
  }

  /** Enters the slot, once. Returns the slot's number in the main process. */
  enter(): Promise<number> {
    this.#entering ??= this.#requestEntry().then(({ slot, view }) => {
      this.#update(view)
      return slot
    })
    return this.#entering
  }

  get up(): string[] {
    return Object.keys(this.configs)
  }

  get configs(): Readonly<Record<string, object>> {
    const entries = Object.entries(this.#view?.services ?? {})
    return Object.fromEntries(entries.flatMap(([name, { up }]) => (up ? [[name, up.config]] : [])))
  }

  service(name: string): ExternalService<object> {
    const proxy = this.#proxies.get(name) ?? this.#createServiceProxy(name)
    this.#proxies.set(name, proxy)
    return proxy
  }

  /** Does nothing: the main process cleans up. */
  join(): Leave {
    return async () => {}
  }

  async setUp(name: string, timeoutMs?: number): Promise<void> {
    this.#update((await this.#ask('setUp', { name, timeoutMs })).view)
  }

  seemsAlive(): boolean {
    const services = Object.values(this.#view?.services ?? {})
    return services.every(({ up }) => up?.instancePid === undefined || seemsToRun(up.instancePid))
  }

  async begin(test: string): Promise<void> {
    await this.#ask('begin', { test })
  }

  async prepare(test: string, names: readonly string[]): Promise<void> {
    this.#update((await this.#ask('prepare', { test, names })).view)
  }

  async end(test: string, outcome: TestOutcome): Promise<TestEnding> {
    const { errors, evidence } = await this.#ask('end', { test, outcome })
    return { errors: errors.map(fromWire), evidence }
  }

  async lease(): Promise<LeasedSlot> {
    const take = async (): Promise<Entered> => (await this.#connection).request('lease', { stack: this.#stack.id })
    const leased = new RemoteSlot(this.#connection, this.#stack, { showsInEnvironment: false, take })
    await leased.enter()
    return leased
  }

  async release(): Promise<void> {
    await this.#ask('release', {})
  }

  /** Called when the test file has ended. */
  async leave(): Promise<void> {
    if (this.#entering !== undefined) await this.#ask('leave', {})
  }

  #createServiceProxy(name: string): ExternalService<object> {
    const call = async (method: string, args: readonly unknown[]): Promise<unknown> => {
      const packed = packValue(args, `an argument of ${name}.${method}()`)
      const answer = await this.#ask('call', { name, method, packed })
      this.#update(answer.view)
      return unpackValue(answer.value ?? '')
    }
    return createServiceProxy({ name, label: labelOf(name), view: () => this.#view, call })
  }

  async #ask<A extends ActionInSlot>(
    action: A,
    what: Omit<Argument<A>, keyof InSlot>,
  ): Promise<Awaited<ReturnType<SlotRequests[A]>>> {
    const slot = await this.enter()
    const where: InSlot = { slot, version: this.#view?.version ?? '' }
    return await (await this.#connection).request(action, { ...what, ...where } as Argument<A>)
  }

  #update(view: SlotView | undefined): void {
    if (!view) return
    this.#view = view
    if (this.#showsInEnvironment) showSlot(this.#stack.signature, { variables: view.variables, configs: this.configs })
  }
}
