import { connect, type Socket } from 'node:net'
import type { Conditions } from './conditions.ts'
import { OneWay } from './one-way.ts'

/** Address of the server behind a proxy. */
export interface Target {
  readonly host: string
  readonly port: number
}

/** A connection of a client, and the connection to the server that is made for it. */
export class ProxiedConnection {
  readonly #client: Socket
  readonly #target: Target
  #server: Socket | undefined
  #ways: readonly OneWay[] = []

  /** @param client a socket that is paused, and that allows half-open connections */
  constructor(client: Socket, target: Target, conditions: Conditions) {
    this.#client = client
    this.#target = target
    // An error is followed by `close`.
    client.on('error', () => {})
    client.once('close', () => this.#resetUnlessEnded(client, this.#server))
    this.change(conditions)
  }

  /** While the network is cut, the server does not learn of a new connection. */
  change(conditions: Conditions): void {
    for (const way of this.#ways) way.change(conditions)
    if (!this.#server && !conditions.isCut && !this.#client.destroyed) this.#begin(conditions)
  }

  /** Breaks off both connections: each side sees ECONNRESET. */
  reset(): void {
    for (const socket of [this.#client, this.#server]) breakOff(socket)
  }

  #begin(conditions: Conditions): void {
    const server = connect({ ...this.#target, noDelay: true, allowHalfOpen: true })
    this.#server = server
    server.on('error', () => {})
    server.once('close', () => this.#resetUnlessEnded(server, this.#client))
    this.#ways = [new OneWay(this.#client, server, conditions), new OneWay(server, this.#client, conditions)]
  }

  /** The end of a socket that was not ended by both sides is an error, which the other side has to see. */
  #resetUnlessEnded(closed: Socket, other: Socket | undefined): void {
    if (closed.readableEnded && closed.writableFinished) return
    breakOff(other)
  }
}

/**
 * Closes a socket so that the other side sees ECONNRESET. The system refuses that for a socket whose own side has ended,
 * and Node would then neither close the socket nor say so.
 */
function breakOff(socket: Socket | undefined): void {
  if (!socket || socket.destroyed) return
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}
