import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** How to talk to a server. */
interface Conversation {
  /** Ends the attempt to connect, and the connection. */
  readonly signal: AbortSignal
  /** Returns the number of characters of the first answer; 0 while the answer is incomplete. Default: a line. */
  readonly lengthOf?: (received: string) => number
  /** Called first, to authenticate. A failure ends the connection. */
  readonly logIn?: (connection: AnswerConnection) => Promise<void>
}

interface Waiting {
  resolve(answer: string): void
  reject(error: Error): void
}

/**
 * A connection to a server with an answer to each command, in turn. Does not keep the process alive, except while an
 * answer is awaited.
 */
export class AnswerConnection {
  readonly #socket: Socket
  readonly #lengthOf: (received: string) => number
  readonly #waiting: Waiting[] = []
  #received = ''

  /** Connects, and logs in. */
  static async open(
    { host, port }: { readonly host: string; readonly port: number },
    { signal, lengthOf = (received) => received.indexOf('\n') + 1, logIn }: Conversation,
  ): Promise<AnswerConnection> {
    const socket = connect({ host, port, noDelay: true, signal })
    await once(socket, 'connect')
    const connection = new AnswerConnection(socket, lengthOf)
    try {
      await logIn?.(connection)
      return connection
    } catch (thrown) {
      connection.close()
      throw thrown
    }
  }

  private constructor(socket: Socket, lengthOf: (received: string) => number) {
    this.#socket = socket
    this.#lengthOf = lengthOf
    // A byte is a character in this encoding: a length in bytes counts characters.
    socket.setEncoding('latin1').on('data', (chunk: string) => this.#read(chunk))
    socket.on('error', (error) => this.#end(error))
    socket.on('close', () => this.#end(new Error('the server has closed the connection')))
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && this.#socket.writable
  }

  /** Sends a command with its line breaks, and returns the answer. Commands of the same moment are sent together. */
  ask(command: string): Promise<string> {
    this.#socket.ref()
    this.#socket.cork()
    process.nextTick(() => this.#socket.uncork())
    this.#socket.write(command)
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  close(): void {
    this.#socket.destroy()
  }

  #read(chunk: string): void {
    this.#received += chunk
    for (let length = this.#lengthOf(this.#received); length > 0; length = this.#lengthOf(this.#received)) {
      this.#waiting.shift()?.resolve(this.#received.slice(0, length))
      this.#received = this.#received.slice(length)
    }
    if (this.#waiting.length === 0) this.#socket.unref()
  }

  #end(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }
}
