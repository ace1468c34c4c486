import { Duplex } from 'node:stream'
import { Engine } from '../container/engine.ts'
import { ContainerExec } from '../container/exec.ts'
import { findEngine } from '../container/find-engine.ts'
import { randomName } from '../host/secret.ts'
import { Deadline } from '../kernel/deadline.ts'
import { asError, hasCode, StateError, TransportError } from '../kernel/errors.ts'
import { lazy } from '../kernel/lazy.ts'
import { createSharedAbort } from '../kernel/shared-abort.ts'
import type { Ended } from '../process/ended.ts'
import { parseOptions } from '../service/options/parse-options.ts'
import { type ContainerConnection, runInContainer } from './container-command.ts'
import { type ContainerOptions, containerOptionsSchema } from './container-options.ts'
import { checkNames } from './far-end.ts'
import { keeperCommandLine } from './keeper/far-command.ts'
import { Keeper } from './keeper/keeper.ts'
import { local } from './local.ts'
import { connectionFor, planRun } from './run-plan.ts'
import { RunningWork } from './running-work.ts'
import type { Exposed, RunOptions, TransferOptions, Transport } from './transport.ts'
import { getFiles, putFiles } from './tree-transfer.ts'

/**
 * Returns the transport to a running container. The container needs `sh`, coreutils, `/proc`, and `tar` for files.
 *
 * @throws ERR_CONFIG for an invalid option
 */
export function inContainer(options: string | ContainerOptions): Transport {
  const checked = typeof options === 'string' ? { name: options } : options
  parseOptions(containerOptionsSchema, checked, 'inContainer()')
  return new ContainerTransport(checked)
}

const connectLimitMs = 20_000
const randomLength = 12

class ContainerTransport implements Transport {
  readonly name: string
  readonly close: () => Promise<void> = lazy(() => this.#end())
  readonly #options: ContainerOptions
  readonly #here = local()
  readonly #closing = createSharedAbort()
  readonly #running = new RunningWork()
  #connection: Promise<ContainerConnection> | undefined

  constructor(options: ContainerOptions) {
    this.name = `container:${options.name}`
    this.#options = options
  }

  run(argv: readonly string[], options: RunOptions = {}): Promise<Ended> {
    return this.#running.hold(this.#start(argv, options))
  }

  put(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    return putFiles(from, { transport: this, path: to }, options)
  }

  get(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    return getFiles({ transport: this, path: from }, { transport: this.#here, path: to }, options)
  }

  /** A container with the host's network reaches the same targets as the host; a container with its own does not. */
  async expose({ host, port }: { readonly host: string; readonly port: number }): Promise<Exposed> {
    const { engine } = await this.#connect()
    const { HostConfig: config } = (await this.#asking(
      engine.require(`/containers/${this.#options.name}/json`),
    )) as Inspected
    if (config.NetworkMode === 'host' && isLoopback(host)) return { port, close: async () => {} }
    throw new TransportError(
      `${this.name}: the port ${port} of ${host} cannot be forwarded into a container with a network of its own: ` +
        'start the container with the network of the host ("--network host")',
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #start(argv: readonly string[], options: RunOptions): Promise<Ended> {
    const plan = planRun(this.name, argv, options)
    checkNames(this.name, plan)
    const connection = await connectionFor(this.#connect(), plan, this.name)
    return this.#asking(runInContainer({ connection, plan, closing: this.#closing.signal, name: this.name }))
  }

  /** Connects at first, and again when the keeper has ended. */
  async #connect(): Promise<ContainerConnection> {
    if (this.#closing.signal.aborted) throw new StateError(`the transport ${this.name} is closed`)
    this.#connection ??= this.#open()
    const forget = (): void => {
      this.#connection = undefined
    }
    const connection = this.#connection
    connection.then(({ keeper }) => keeper.ended.then(forget), forget)
    return connection
  }

  async #open(): Promise<ContainerConnection> {
    const options = this.#options
    const deadline = new Deadline(`connecting to ${this.name}`, connectLimitMs, this.#closing.signal)
    return this.#asking(
      deadline.race(async (signal) => {
        const engine = options.engine === undefined ? await findEngine(process.env, signal) : new Engine(options.engine)
        const plan = { argv: ['sh', '-c', keeperCommandLine], user: options.user }
        const exec = await ContainerExec.start(engine, options.name, plan, signal)
        exec.stderr.resume()
        const stream = Duplex.from({ readable: exec.stdout, writable: exec.stdin })
        const connection = `container.${randomName(randomLength)}`
        const keeper = await Keeper.start({ connection, stream, onCut: () => exec.destroy() }, deadline)
        return { engine, keeper, place: options }
      }),
    )
  }

  /** A failure of the engine is a failure of the transport. */
  async #asking<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer
    } catch (thrown) {
      const isEngine = hasCode(thrown, 'ERR_CONTAINER', 'ERR_DEADLINE')
      throw isEngine ? new TransportError(`${this.name}: ${asError(thrown).message}`, { cause: thrown }) : thrown
    }
  }

  async #end(): Promise<void> {
    this.#closing.abort()
    await this.#running.end()
    const connection = await this.#connection?.catch(() => undefined)
    await connection?.keeper.close()
    await this.#here.close()
  }
}

interface Inspected {
  readonly HostConfig: { readonly NetworkMode?: string }
}

function isLoopback(host: string): boolean {
  return ['127.0.0.1', 'localhost', '::1', '[::1]'].includes(host)
}
