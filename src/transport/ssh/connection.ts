import type { Socket } from 'node:net'
import type { Client } from 'ssh2'
import { Deadline } from '../../kernel/deadline.ts'
import { asError, hasCode, TransportError } from '../../kernel/errors.ts'
import { keeperCommandLine } from '../keeper/far-command.ts'
import { Keeper } from '../keeper/keeper.ts'
import type { KeeperNames } from '../keeper/keeper-script.ts'
import { type LoggedIn, logIn } from './log-in.ts'
import { Pace } from './pace.ts'
import { openChannel, Sessions, type WaitingShell } from './sessions.ts'
import type { SshTarget } from './ssh-options.ts'

const openLimitMs = 20_000

/** A connection to sshd, with its keeper on the far side. A lost connection is of no use any more. */
export class Connection {
  readonly client: Client
  readonly keeper: Keeper
  readonly pace: Pace
  readonly #name: string
  readonly #socket: Socket
  readonly #sessions: Sessions
  readonly #listeners = new Set<(reason: Error) => void>()
  #loss: Error | undefined
  #holders = 0

  private constructor(name: string, { client, socket, keeper }: LoggedIn & { readonly keeper: Keeper }) {
    this.client = client
    this.keeper = keeper
    this.pace = new Pace(() => keeper.probe())
    this.#name = name
    this.#socket = socket
    socket.unref()
    this.#sessions = new Sessions(client, keeper)
    void keeper.ended.then(() => this.lose('the process that looks after the commands there has ended'))
  }

  /** @throws ERR_TRANSPORT, ERR_CONFIG, ERR_MISSING_BINARY, ERR_CANCELED */
  static async open(target: SshTarget, names: KeeperNames, signal: AbortSignal): Promise<Connection> {
    const { name } = target
    const deadline = new Deadline(`connecting to ${name}`, openLimitMs, signal)
    try {
      return await Connection.#start(name, await logIn(target, deadline), { names, deadline })
    } catch (thrown) {
      if (!hasCode(thrown, 'ERR_DEADLINE')) throw thrown
      throw new TransportError(`${name}: ${asError(thrown).message}`, { cause: thrown })
    }
  }

  static async #start(
    name: string,
    loggedIn: LoggedIn,
    { names, deadline }: { readonly names: KeeperNames; readonly deadline: Deadline },
  ): Promise<Connection> {
    const { client, socket } = loggedIn
    let onLoss = (_reason: string): void => {}
    client.on('error', (error) => onLoss(error.message))
    client.on('close', () => onLoss('the other side has closed it'))
    try {
      const stream = await deadline.race(() => openChannel(client, keeperCommandLine))
      const onCut = (): void => onLoss('the other side does not answer')
      const keeper = await Keeper.start({ ...names, stream, onCut, received: () => socket.bytesRead }, deadline)
      const connection = new Connection(name, { ...loggedIn, keeper })
      onLoss = (reason) => connection.lose(reason)
      return connection
    } catch (thrown) {
      client.destroy()
      if (hasCode(thrown, 'ERR_DEADLINE', 'ERR_CANCELED')) throw thrown
      const needs = 'commands need sh, coreutils and /proc there'
      throw new TransportError(`${name}: ${asError(thrown).message}; ${needs}`, { cause: thrown })
    }
  }

  get isLost(): boolean {
    return this.#loss !== undefined
  }

  /** Returns a shell for a single command. @throws ERR_TRANSPORT */
  take(): Promise<WaitingShell> {
    return this.#sessions.take()
  }

  /** Ends a shell without a command. */
  discard(shell: WaitingShell): void {
    this.#sessions.discard(shell)
  }

  /** Calls the listener when the connection is lost, or at once after a loss. Disposing the result ends the calls. */
  onLoss(listener: (reason: Error) => void): Disposable {
    if (this.#loss) listener(this.#loss)
    else this.#listeners.add(listener)
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) }
  }

  /** Keeps this process alive until the result is disposed. The connection alone does not keep a process alive. */
  hold(): Disposable {
    this.#addHolders(1)
    return { [Symbol.dispose]: () => this.#addHolders(-1) }
  }

  /** Gives the connection up. Only the first reason counts. */
  lose(reason: string): void {
    if (this.#loss) return
    this.#loss = new TransportError(`${this.#name}: the connection is lost: ${reason}`)
    this.client.destroy()
    this.#sessions.fail(this.#loss)
    for (const listener of this.#listeners) listener(this.#loss)
  }

  /** Makes the keeper end all commands, and closes the connection. */
  async close(): Promise<void> {
    using _held = this.hold()
    await this.keeper.close()
    this.lose('this process has closed it')
  }

  #addHolders(count: number): void {
    this.#holders += count
    if (!this.#loss) this.#socket[this.#holders > 0 ? 'ref' : 'unref']()
  }
}
