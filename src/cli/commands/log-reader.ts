import { openSync, readSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'

const pieceBytes = 64 * 1024

/**
 * Reads a growing log to its last line: the open file remains readable when the log is removed at the end of the
 * service.
 */
export class LogReader {
  readonly #descriptor: number
  readonly #decoder = new StringDecoder('utf8')
  #unfinished = ''

  constructor(path: string) {
    this.#descriptor = openSync(path, 'r')
  }

  /** Yields the lines completed since the last call, with their newlines. */
  *newLines(): Generator<string> {
    const piece = Buffer.alloc(pieceBytes)
    for (let length = this.#read(piece); length > 0; length = this.#read(piece)) {
      const lines = (this.#unfinished + this.#decoder.write(piece.subarray(0, length))).split(/(?<=\n)/)
      const last = lines.at(-1) ?? ''
      this.#unfinished = last.endsWith('\n') ? '' : last
      yield* this.#unfinished === '' ? lines : lines.slice(0, -1)
    }
  }

  /** Text after the last newline. */
  get rest(): string {
    return this.#unfinished
  }

  #read(piece: Buffer): number {
    return readSync(this.#descriptor, piece)
  }
}
