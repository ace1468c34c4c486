import { randomName } from '../host/secret.ts'
import { nextTurn } from '../kernel/clock.ts'
import { StateError } from '../kernel/errors.ts'
import { lazy } from '../kernel/lazy.ts'
import { createSharedAbort } from '../kernel/shared-abort.ts'
import type { Ended } from '../process/ended.ts'
import { checkNames } from './far-end.ts'
import type { KeeperNames } from './keeper/keeper-script.ts'
import { local } from './local.ts'
import { connectionFor, planRun } from './run-plan.ts'
import { RunningWork } from './running-work.ts'
import { Connection } from './ssh/connection.ts'
import { Forwards, type ForwardTarget } from './ssh/forwards.ts'
import { type SshOptions, type SshTarget, sshTarget } from './ssh/ssh-options.ts'
import { runOverSsh } from './ssh-command.ts'
import type { Exposed, RunOptions, TransferOptions, Transport } from './transport.ts'
import { getFiles, putFiles } from './tree-transfer.ts'

/**
 * Returns a transport to a machine with sshd. The first command opens the connection; the next command after a loss
 * opens a new connection. Needs the package `ssh2`; the machine needs `sh`, coreutils, `tar` and `/proc`.
 *
 * @throws ERR_CONFIG for an invalid option
 */
export function ssh(options: SshOptions): Transport {
  return new SshTransport(sshTarget(options))
}

const idLength = 12

class SshTransport implements Transport {
  readonly name: string
  readonly close = lazy(() => this.#end())
  readonly #target: SshTarget
  readonly #here = local()
  readonly #forwards: Forwards
  /** Marks the processes of all connections of this transport. */
  readonly #id = randomName(idLength)
  readonly #running = new RunningWork()
  readonly #closing = createSharedAbort()
  #connection: Promise<Connection> | undefined
  #connections = 0

  constructor(target: SshTarget) {
    this.name = target.name
    this.#target = target
    this.#forwards = new Forwards(target.name)
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

  expose(target: ForwardTarget): Promise<Exposed> {
    return this.#running.hold(this.#expose(target))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #start(argv: readonly string[], options: RunOptions): Promise<Ended> {
    const plan = planRun(this.name, argv, options)
    checkNames(this.name, plan)
    const connection = await connectionFor(this.#connect(), plan, this.name)
    using _held = connection.hold()
    return await runOverSsh({ connection, plan, name: this.name, closing: this.#closing.signal })
  }

  async #expose(target: ForwardTarget): Promise<Exposed> {
    const connection = await this.#connect()
    using _held = connection.hold()
    const port = await this.#forwards.open(connection.client, target)
    return { port, close: () => this.#unexpose(port) }
  }

  async #unexpose(port: number): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined)
    using _held = connection?.hold()
    await this.#forwards.close(connection?.isLost ? undefined : connection?.client, port)
  }

  /** Returns the present connection, or opens one. */
  async #connect(): Promise<Connection> {
    if (this.#closing.signal.aborted) throw new StateError(`the transport ${this.name} is closed`)
    this.#connection ??= this.#open()
    const connection = await this.#connection
    // The news of a loss may have waited while this thread was busy. The first turn may be the rest of the present one.
    await nextTurn()
    await nextTurn()
    if (connection.isLost) return this.#connect()
    return connection
  }

  #open(): Promise<Connection> {
    const number = ++this.#connections
    // The keeper of an earlier connection has ended the processes left there by now, unless the keeper was killed.
    const names = { connection: `${this.#id}.${number}`, swept: number > 1 ? this.#id : undefined }
    const opening = this.#openAs(names)
    const forget = (): void => {
      if (this.#connection === opening) this.#connection = undefined
    }
    opening.then((connection) => connection.onLoss(forget), forget)
    return opening
  }

  async #openAs(names: KeeperNames): Promise<Connection> {
    const connection = await Connection.open(this.#target, names, this.#closing.signal)
    using _held = connection.hold()
    try {
      await this.#forwards.attach(connection)
      return connection
    } catch (thrown) {
      await connection.close()
      throw thrown
    }
  }

  async #end(): Promise<void> {
    this.#closing.abort()
    const connection = await this.#connection?.catch(() => undefined)
    await connection?.close()
    await this.#running.end()
    await this.#here.close()
  }
}
