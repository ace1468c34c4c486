const firstCapacity = 4_096

/** Bytes appended at the end and taken from the front; an append does not copy all earlier bytes. */
export class GrowingBuffer {
  #bytes = Buffer.alloc(0)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** A view, valid until the next change. */
  get view(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  append(bytes: Buffer): void {
    const needed = this.#length + bytes.length
    if (needed > this.#bytes.length) this.#grow(needed)
    bytes.copy(this.#bytes, this.#length)
    this.#length = needed
  }

  /** Removes the first `count` bytes and returns a copy. */
  take(count: number): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, count))
    this.#bytes.copyWithin(0, count, this.#length)
    this.#length -= count
    return taken
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafe(Math.max(firstCapacity, needed, this.#bytes.length * 2))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
  }
}
