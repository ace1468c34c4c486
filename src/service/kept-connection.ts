import { Deadline } from '../kernel/deadline.ts'
import { onAbort } from '../kernel/on-abort.ts'

const answerLimitMs = 5_000

/** A connection kept open between the questions of a service. */
export class KeptConnection<Config, Connection extends { readonly isOpen: boolean; close(): void }> {
  readonly #what: string
  readonly #open: (config: Config, signal: AbortSignal) => Promise<Connection>
  #kept: { readonly config: Config; readonly connection: Connection } | undefined

  /** @param open connects, and ends the attempt when the signal fires */
  constructor(what: string, open: (config: Config, signal: AbortSignal) => Promise<Connection>) {
    this.#what = what
    this.#open = open
  }

  /**
   * Asks over the kept connection; over a new connection if the kept connection is closed, or belongs to an earlier
   * config. The signal fires at the end of the time.
   *
   * @throws ERR_DEADLINE after 5,000 ms; the errors of `open` and of the question
   */
  ask<T>(config: Config, question: (connection: Connection, signal: AbortSignal) => Promise<T>): Promise<T> {
    return new Deadline(`asking ${this.#what}`, answerLimitMs).race(async (signal) => {
      using _late = onAbort(signal, () => this.close())
      const kept = this.#keptFor(config)
      try {
        if (kept) return await question(kept, signal)
      } catch (thrown) {
        if (kept?.isOpen) throw thrown
      }
      return question(await this.#openNew(config, signal), signal)
    })
  }

  async #openNew(config: Config, signal: AbortSignal): Promise<Connection> {
    const connection = await this.#open(config, signal)
    const other = this.#keptFor(config)
    // A question of the same moment has opened a connection, too, and may still be waiting for the answer.
    if (other) {
      connection.close()
      return other
    }
    this.close()
    this.#kept = { config, connection }
    return connection
  }

  /** Closes the connection. The next question opens a new connection. */
  close(): void {
    this.#kept?.connection.close()
    this.#kept = undefined
  }

  #keptFor(config: Config): Connection | undefined {
    const { connection } = this.#kept?.config === config ? this.#kept : {}
    return connection?.isOpen ? connection : undefined
  }
}
