import type { Socket } from 'node:net'
import { clearTimeout, monotonicMs, setTimeout } from '../kernel/clock.ts'
import { areClear, type Conditions } from './conditions.ts'

/** Bytes on the way, or the end of the stream. */
interface Piece {
  readonly bytes: Buffer | 'end'
  readonly dueAt: number
}

/** Bytes on the way after which nothing more is read. Limits the throughput to this many bytes in each latency. */
const mostBytes = 4 * 1024 * 1024
/** A slow connection delivers its bytes in pieces. Each piece has the bytes that pass in this time. */
const pieceMs = 10

/** One direction of a connection: sends the bytes from one socket to another, under the conditions of the network. */
export class OneWay {
  readonly #from: Socket
  readonly #to: Socket
  #conditions: Conditions
  #queue: Piece[] = []
  #queuedBytes = 0
  /** When the last byte of the queue has been transmitted. */
  #freeAt = 0
  #timer: NodeJS.Timeout | undefined
  /** Whether the receiver does not keep up. */
  #isFull = false
  #isReading = false

  constructor(from: Socket, to: Socket, conditions: Conditions) {
    this.#from = from
    this.#to = to
    this.#conditions = conditions
    from.on('data', (bytes: Buffer) => this.#receive(bytes))
    from.on('end', () => this.#receive('end'))
    to.on('drain', () => {
      this.#isFull = false
      this.#proceed()
    })
    from.once('close', () => this.#stopIfDone())
    to.once('close', () => this.#stop())
    from.pause()
    this.#proceed()
  }

  /** What is on the way keeps its time, unless the new conditions hold nothing back. */
  change(conditions: Conditions): void {
    this.#conditions = conditions
    if (areClear(conditions)) {
      this.#freeAt = 0
      this.#queue = this.#queue.map(({ bytes }) => ({ bytes, dueAt: 0 }))
    }
    this.#proceed()
  }

  #receive(bytes: Piece['bytes']): void {
    if (this.#queue.length === 0 && areClear(this.#conditions)) {
      this.#send(bytes)
      this.#regulate()
      return
    }
    this.#enqueue(bytes)
    this.#proceed()
  }

  #enqueue(bytes: Piece['bytes']): void {
    const longest = Math.max(1, Math.floor(this.#conditions.bytesPerMs * pieceMs))
    const pieces = bytes === 'end' || bytes.length <= longest ? [bytes] : piecesOf(bytes, longest)
    for (const piece of pieces) this.#enqueuePiece(piece)
  }

  #enqueuePiece(bytes: Piece['bytes']): void {
    const { bytesPerMs, latencyMs } = this.#conditions
    const length = lengthOf(bytes)
    this.#freeAt = Math.max(this.#freeAt, monotonicMs()) + length / bytesPerMs
    this.#queue.push({ bytes, dueAt: this.#freeAt + latencyMs / 2 })
    this.#queuedBytes += length
  }

  /** Sends what is due, and decides whether to read on. */
  #proceed(): void {
    clearTimeout(this.#timer)
    for (let [next] = this.#queue; next && !this.#isFull && !this.#conditions.isCut; [next] = this.#queue) {
      const waitMs = next.dueAt - monotonicMs()
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#proceed(), Math.ceil(waitMs))
        break
      }
      this.#queue.shift()
      this.#queuedBytes -= lengthOf(next.bytes)
      this.#send(next.bytes)
    }
    this.#regulate()
    this.#stopIfDone()
  }

  #send(bytes: Piece['bytes']): void {
    if (this.#to.destroyed) return
    if (bytes === 'end') this.#to.end()
    else this.#isFull = !this.#to.write(bytes)
  }

  #regulate(): void {
    const mayRead = !this.#conditions.isCut && !this.#isFull && this.#queuedBytes < mostBytes
    if (mayRead === this.#isReading) return
    this.#isReading = mayRead
    if (mayRead) this.#from.resume()
    else this.#from.pause()
  }

  #stopIfDone(): void {
    if (this.#from.destroyed && this.#queue.length === 0) this.#stop()
  }

  #stop(): void {
    clearTimeout(this.#timer)
    this.#queue = []
    this.#queuedBytes = 0
  }
}

function lengthOf(bytes: Piece['bytes']): number {
  return bytes === 'end' ? 0 : bytes.length
}

function piecesOf(bytes: Buffer, length: number): Buffer[] {
  const count = Math.ceil(bytes.length / length)
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * length, (index + 1) * length))
}
