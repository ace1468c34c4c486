import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { asError } from '../kernel/errors.ts'
import { onAbort } from '../kernel/on-abort.ts'

interface Waiting<Answer> {
  resolve(answer: Answer): void
  reject(error: Error): void
}

/** A connection to a server. Does not keep the process alive, except while an answer is awaited. */
export abstract class ServerConnection<Answer> {
  protected readonly socket: Socket
  /** By what is awaited, in the order in which the answers will come. */
  readonly #waiting = new Map<unknown, Waiting<Answer>[]>()
  #received: Buffer = Buffer.alloc(0)

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', (error) => this.end(error))
    socket.on('close', () => this.end(new Error('the server has closed the connection')))
  }

  get isOpen(): boolean {
    return !this.socket.destroyed && this.socket.writable
  }

  close(): void {
    this.socket.destroy()
  }

  /** Handles the first message of the bytes. Returns its length; 0 while the message is incomplete. */
  protected abstract take(received: Buffer): number

  /** Waits for the next answer of this kind. */
  protected expect(kind: unknown): Promise<Answer> {
    this.socket.ref()
    return new Promise((resolve, reject) => {
      this.#waiting.set(kind, [...(this.#waiting.get(kind) ?? []), { resolve, reject }])
    })
  }

  protected settle(kind: unknown, answer: Answer | Error): void {
    const [first, ...others] = this.#waiting.get(kind) ?? []
    if (others.length > 0) this.#waiting.set(kind, others)
    else this.#waiting.delete(kind)
    if (answer instanceof Error) first?.reject(answer)
    else first?.resolve(answer)
  }

  /** Closes the connection. All that is awaited fails. */
  protected end(error: Error): void {
    this.close()
    for (const { reject } of [...this.#waiting.values()].flat()) reject(error)
    this.#waiting.clear()
  }

  #read(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk])
    for (let length = -1; length !== 0 && this.#received.length > 0; ) {
      length = this.take(this.#received)
      this.#received = this.#received.subarray(length)
    }
    if (this.#waiting.size === 0) this.socket.unref()
  }
}

/** Connects, and logs in. The signal ends the attempt, and the connection. */
export async function openConnection<Opened extends { close(): void }>(
  { host, port, signal }: { readonly host: string; readonly port: number; readonly signal: AbortSignal },
  Connection: new (socket: Socket) => Opened,
  logIn: (connection: Opened) => Promise<unknown>,
): Promise<Opened> {
  const socket = connect({ host, port, noDelay: true })
  // Not by the option `signal`: Node 20 keeps a listener for each connection, and warns at the eleventh.
  const listening = onAbort(signal, () => socket.destroy(asError(signal.reason)))
  socket.once('close', () => listening[Symbol.dispose]())
  await once(socket, 'connect')
  const connection = new Connection(socket)
  try {
    await logIn(connection)
    return connection
  } catch (thrown) {
    connection.close()
    throw thrown
  }
}
