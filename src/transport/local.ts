import { resolve } from 'node:path'
import { StateError } from '../kernel/errors.ts'
import { lazy } from '../kernel/lazy.ts'
import { createSharedAbort } from '../kernel/shared-abort.ts'
import type { Ended } from '../process/ended.ts'
import { acquireRun, releaseRun } from '../run/own-run.ts'
import { LateLook } from './late-look.ts'
import { runLocally } from './local-command.ts'
import { planRun } from './run-plan.ts'
import { RunningWork } from './running-work.ts'
import type { Exposed, RunOptions, TransferOptions, Transport } from './transport.ts'
import { putFiles } from './tree-transfer.ts'

/** Returns the transport to this machine. All commands are on record, and end when this process dies. */
export function local(): Transport {
  return new LocalTransport()
}

/**
 * Returns a transport like `local`, for many short commands: a command costs a tenth. A process that a command has left
 * is found half a second later if it has a group of its own and has closed the output; not at all if it has also
 * cleared its environment.
 *
 * @param directory absolute path where commands and relative paths begin
 */
export function quickLocal(directory: string): Transport {
  // Elsewhere, all processes are asked for by `ps`.
  return new LocalTransport(directory, process.platform === 'linux' ? new LateLook() : undefined)
}

class LocalTransport implements Transport {
  readonly name = 'local'
  readonly close = lazy(() => this.#end())
  readonly #running = new RunningWork()
  readonly #closing = createSharedAbort()
  readonly #run = lazy(acquireRun)
  readonly #directory: string | undefined
  readonly #lateLook: LateLook | undefined
  #hasRun = false

  /** @param directory default: the working directory of each moment */
  constructor(directory?: string, lateLook?: LateLook) {
    this.#directory = directory
    this.#lateLook = lateLook
  }

  run(argv: readonly string[], options: RunOptions = {}): Promise<Ended> {
    return this.#running.hold(this.#start(argv, options))
  }

  put(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    return putFiles(from, { transport: this, path: to }, options)
  }

  get(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    return this.put(resolve(this.#directory ?? '', from), to, options)
  }

  async expose(target: { readonly host: string; readonly port: number }): Promise<Exposed> {
    return { port: target.port, close: async () => {} }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #start(argv: readonly string[], options: RunOptions): Promise<Ended> {
    const asked = planRun(this.name, argv, options)
    const plan = { ...asked, directory: resolve(this.#directory ?? '', asked.directory ?? '') }
    if (this.#closing.signal.aborted) throw new StateError('the local transport is closed')
    this.#hasRun = true
    const run = await this.#run()
    return runLocally({ run, plan, closing: this.#closing.signal, lateLook: this.#lateLook })
  }

  async #end(): Promise<void> {
    this.#closing.abort()
    await this.#running.end()
    await using _released = { [Symbol.asyncDispose]: () => this.#release() }
    await this.#lateLook?.close()
  }

  async #release(): Promise<void> {
    if (this.#hasRun) await releaseRun(await this.#run())
  }
}
