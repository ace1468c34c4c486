import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { type Conditions, undisturbed } from './conditions.ts'
import { ProxiedConnection, type Target } from './proxied-connection.ts'

/** A TCP server that hands each connection on to another server, under the conditions of a network. */
export class ProxyServer {
  readonly #listen: Target
  readonly #target: Target
  readonly #connections = new Set<ProxiedConnection>()
  #conditions = undisturbed
  #server: Server | undefined

  constructor(listen: Target, target: Target) {
    this.#listen = listen
    this.#target = target
  }

  /** Begins to accept connections. @throws EADDRINUSE */
  async open(): Promise<void> {
    if (this.#server) return
    const server = createServer({ noDelay: true, allowHalfOpen: true, pauseOnConnect: true }, (client) => {
      const connection = new ProxiedConnection(client, this.#target, this.#conditions)
      this.#connections.add(connection)
      client.once('close', () => this.#connections.delete(connection))
    })
    server.listen(this.#listen)
    await once(server, 'listening')
    this.#server = server
  }

  /** Refuses new connections. The present ones go on. */
  close(): void {
    this.#server?.close()
    this.#server = undefined
  }

  change(conditions: Conditions): void {
    this.#conditions = conditions
    for (const connection of this.#connections) connection.change(conditions)
  }

  resetConnections(): void {
    for (const connection of this.#connections) connection.reset()
  }
}
