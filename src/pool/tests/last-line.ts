import { stripVTControlCharacters } from 'node:util'

/** Number of bytes to find the last line in. */
const keptBytes = 1_000

/** Keeps the last line of an output, for the note of a failure. */
export class LastLine {
  #tail = Buffer.alloc(0)

  add(chunk: Uint8Array): void {
    this.#tail = Buffer.concat([this.#tail, chunk.subarray(-keptBytes)]).subarray(-keptBytes)
  }

  /** The last line that is not blank; empty without one. */
  get text(): string {
    const lines = stripVTControlCharacters(this.#tail.toString()).split(/[\r\n]+/)
    return lines.findLast((line) => line.trim() !== '')?.trim() ?? ''
  }
}
