import { connect } from 'node:net'
import { pipeline } from 'node:stream'
import type { Client, ClientChannel } from 'ssh2'
import { TransportError } from '../../kernel/errors.ts'
import type { Connection } from './connection.ts'
import type { Pace } from './pace.ts'

/** A host and port reached by this process. */
export interface ForwardTarget {
  readonly host: string
  readonly port: number
}

const farAddress = '127.0.0.1'

/** Ports of the far side, forwarded to this side. Ports are kept over connections. */
export class Forwards {
  readonly #name: string
  readonly #targets = new Map<number, ForwardTarget>()

  /** @param name of the transport, for messages */
  constructor(name: string) {
    this.#name = name
  }

  /** Serves a new connection, and opens the ports of earlier connections again. @throws ERR_TRANSPORT */
  async attach({ client, pace }: Pick<Connection, 'client' | 'pace'>): Promise<void> {
    client.on('tcp connection', ({ destPort }, accept, reject) => {
      const target = this.#targets.get(destPort)
      if (target) relay(accept(), target, pace)
      else reject()
    })
    for (const [port, target] of this.#targets) await this.#listen(client, port, target)
  }

  /** Opens a port, and returns its number. @throws ERR_TRANSPORT */
  async open(client: Client, target: ForwardTarget): Promise<number> {
    const port = await this.#listen(client, 0, target)
    this.#targets.set(port, target)
    return port
  }

  /** Closes a port; without a client, the connection that had the port is lost. */
  async close(client: Client | undefined, port: number): Promise<void> {
    this.#targets.delete(port)
    // An error means: sshd has closed the port already.
    await new Promise<void>((resolve) => (client ? client.unforwardIn(farAddress, port, () => resolve()) : resolve()))
  }

  #listen(client: Client, port: number, target: ForwardTarget): Promise<number> {
    return new Promise((resolve, reject) => {
      const fail = (cause: Error): void =>
        reject(new TransportError(`${this.#name}: ${describeRefusal(port, target)}: ${cause.message}`, { cause }))
      client.forwardIn(farAddress, port, (error, bound) => (error ? fail(error) : resolve(bound)))
    })
  }
}

function describeRefusal(port: number, { host, port: targetPort }: ForwardTarget): string {
  const target = `${host}:${targetPort}`
  if (port === 0) return `sshd forwards no port to ${target}; see AllowTcpForwarding and PermitListen in sshd_config`
  return `a different process has taken port ${port}, which led to ${target} until the connection was lost`
}

/** Connects a channel with a target; an error at either end closes both. */
function relay(channel: ClientChannel, { host, port }: ForwardTarget, pace: Pace): void {
  const socket = connect({ host, port, noDelay: true })
  const close = (): void => {
    channel.destroy()
    socket.destroy()
  }
  const onEnd = (error?: Error | null): void => {
    if (error) close()
  }
  pipeline(channel, socket, onEnd)
  pipeline(socket, (source: AsyncIterable<Uint8Array>) => pace.through(source), channel, onEnd)
}
