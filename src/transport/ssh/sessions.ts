import type { Client, ClientChannel } from 'ssh2'
import { createDeferred, type Deferred } from '../../kernel/deferred.ts'
import { asError, TransportError } from '../../kernel/errors.ts'
import { waitingCommandLine } from '../keeper/far-command.ts'
import type { Keeper } from '../keeper/keeper.ts'

/** A shell on the far side, waiting for its command. */
export interface WaitingShell {
  readonly id: number
  readonly channel: ClientChannel
}

type NamedKeeper = Pick<Keeper, 'connection' | 'pid' | 'nextId'>

/** The default of `MaxSessions` in sshd; the keeper has a session of its own. */
const mostSessions = 9

/**
 * The sessions of a connection, at most as many as sshd allows. The next shell is started before its command comes: a
 * command waits for neither sshd nor a shell.
 */
export class Sessions {
  readonly #client: Client
  readonly #keeper: NamedKeeper
  readonly #waiting: Deferred<void>[] = []
  #spare: Promise<WaitingShell | undefined> | undefined
  #open = 0
  #limit = mostSessions
  /** Sessions that have ended since the limit was changed. */
  #ended = 0
  #loss: Error | undefined

  constructor(client: Client, keeper: NamedKeeper) {
    this.#client = client
    this.#keeper = keeper
    this.#prepare()
  }

  /** Returns a shell for a single command; waits while sshd allows no further session. @throws ERR_TRANSPORT */
  async take(): Promise<WaitingShell> {
    for (;;) {
      if (this.#loss) throw this.#loss
      const shell = await this.#next()
      if (shell) return shell
    }
  }

  /** Ends a shell without a command. */
  discard({ channel }: WaitingShell): void {
    channel.resume()
    channel.stderr.resume()
    channel.end()
  }

  /** Makes all callers fail that wait for a session. */
  fail(reason: Error): void {
    this.#loss = reason
    this.#wake()
  }

  /** Returns `undefined` if the caller has to try again. */
  async #next(): Promise<WaitingShell | undefined> {
    if (!this.#spare && this.#open >= this.#limit) return this.#freed()
    const starting = this.#spare ?? this.#start()
    this.#spare = undefined
    const shell = await starting
    if (shell) this.#prepare()
    return shell
  }

  #prepare(): void {
    if (this.#loss || this.#spare || this.#open >= this.#limit) return
    this.#spare = this.#start()
    // The taker of the spare gets the error.
    this.#spare.catch(() => {})
  }

  async #start(): Promise<WaitingShell | undefined> {
    this.#open++
    const id = this.#keeper.nextId()
    try {
      const line = waitingCommandLine({ connection: this.#keeper.connection, keeper: this.#keeper.pid, id })
      const channel = await openChannel(this.#client, line)
      channel.once('close', () => this.#free())
      return { id, channel }
    } catch (thrown) {
      this.#open--
      this.#wake()
      if (this.#loss) throw this.#loss
      if (this.#open === 0)
        throw new TransportError(`sshd opens no session: ${asError(thrown).message}; see MaxSessions in sshd_config`, {
          cause: thrown,
        })
      this.#setLimit(this.#open)
      return undefined
    }
  }

  async #freed(): Promise<undefined> {
    const freed = createDeferred()
    this.#waiting.push(freed)
    await freed.promise
  }

  /** A refusal may be temporary: after as many ended sessions as are allowed, one more is tried. */
  #free(): void {
    this.#open--
    if (this.#limit < mostSessions && ++this.#ended >= this.#limit) this.#setLimit(this.#limit + 1)
    this.#wake()
  }

  #setLimit(limit: number): void {
    this.#limit = limit
    this.#ended = 0
  }

  #wake(): void {
    for (const freed of this.#waiting.splice(0)) freed.resolve()
  }
}

/** Runs a command line in a session of its own. */
export function openChannel(client: Client, line: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(line, (error, channel) => (error ? reject(error) : resolve(channel)))
  })
}
