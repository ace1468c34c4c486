import { openConnection, ServerConnection } from './server-connection.ts'

/** How to talk to a server. */
interface Conversation {
  /** Ends the attempt to connect, and the connection. */
  readonly signal: AbortSignal
  /** Returns the number of characters of the first answer; 0 while the answer is incomplete. Default: a line. */
  readonly lengthOf?: (received: string) => number
  /** Called first, to authenticate. A failure ends the connection. */
  readonly logIn?: (connection: AnswerConnection) => Promise<void>
}

/** A connection to a server with an answer to each command, in turn. */
export class AnswerConnection extends ServerConnection<string> {
  #lengthOf = (received: string): number => received.indexOf('\n') + 1

  /** Connects, and logs in. */
  static open(
    { host, port }: { readonly host: string; readonly port: number },
    { signal, lengthOf, logIn }: Conversation,
  ): Promise<AnswerConnection> {
    return openConnection({ host, port, signal }, AnswerConnection, async (connection) => {
      if (lengthOf) connection.#lengthOf = lengthOf
      await logIn?.(connection)
    })
  }

  /** Sends a command with its line breaks, and returns the answer. Commands of the same moment are sent together. */
  ask(command: string): Promise<string> {
    this.socket.cork()
    process.nextTick(() => this.socket.uncork())
    this.socket.write(command)
    return this.expect('an answer')
  }

  protected take(bytes: Buffer): number {
    // A byte is a character in this encoding: a length in bytes counts characters.
    const received = bytes.toString('latin1')
    const length = this.#lengthOf(received)
    if (length > 0) this.settle('an answer', received.slice(0, length))
    return length
  }
}
