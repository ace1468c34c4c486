import type { ServiceStart } from '../../session/service-start.ts'
import { type ControlCommand, malformed, parseControlLine } from './control-command.ts'
import { type ControlFile, type ControlResult, parseControlResult } from './control-result.ts'
import { parseControlService } from './control-service.ts'

/** A message of a test. The files of a result come before the result, each as `file`, `data`, and `file-end`. */
export type ControlEvent =
  | Exclude<ControlCommand, { readonly length: number }>
  | { readonly word: 'result'; readonly result: ControlResult }
  | { readonly word: 'service'; readonly start: ServiceStart }
  | { readonly word: 'file'; readonly file: ControlFile; readonly result: ControlResult }
  | { readonly word: 'data'; readonly chunk: Buffer }
  | { readonly word: 'file-end' }

/** Longest line, with the newline. */
const longestLine = 4096
const newline = 0x0a

/** The part that the parser waits for. `left` counts bytes. */
type Expected =
  | { readonly part: 'line' }
  | { readonly part: 'json'; readonly word: 'result' | 'service'; readonly line: string; readonly left: number }
  | { readonly part: 'file'; readonly result: ControlResult; readonly index: number; readonly left: number }

/**
 * Parses the bytes of the control channel, in chunks of any size. Holds a line or a JSON text in memory, never a file.
 */
export class ControlParser {
  #expected: Expected = { part: 'line' }
  #held: Buffer[] = []
  #heldLength = 0

  /** Ends the input. @throws ERR_CONTROL if the last line or result is not complete */
  end(): void {
    const expected = this.#expected
    if (expected.part === 'json')
      throw malformed(expected.line, `the test ended ${expected.left} bytes before its JSON did`)
    if (expected.part === 'file') throw malformed(JSON.stringify(expected.result), describeMissing(expected))
    if (this.#heldLength > 0) throw malformed(this.#takeHeld().toString(), 'the test ended within the line')
  }

  /**
   * Yields all complete events.
   *
   * @throws ERR_CONTROL with the line against the protocol; the parser is of no further use
   */
  *push(bytes: Uint8Array): Generator<ControlEvent> {
    let rest = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    while (rest.length > 0) rest = yield* this.#step(rest)
  }

  *#step(bytes: Buffer): Generator<ControlEvent, Buffer> {
    const expected = this.#expected
    if (expected.part === 'line') return yield* this.#readLine(bytes)
    if (expected.part === 'json') return yield* this.#readJson(bytes, expected)
    return yield* this.#readFile(bytes, expected)
  }

  *#readLine(bytes: Buffer): Generator<ControlEvent, Buffer> {
    const end = bytes.indexOf(newline)
    this.#hold(bytes.subarray(0, end < 0 ? bytes.length : end))
    if (this.#heldLength >= longestLine)
      throw malformed(this.#takeHeld().toString(), `the line is longer than ${longestLine} bytes`)
    if (end < 0) return Buffer.alloc(0)
    const line = this.#takeHeld().toString()
    const command = parseControlLine(line)
    if ('length' in command) this.#expected = { part: 'json', word: command.word, line, left: command.length }
    else yield command
    return bytes.subarray(end + 1)
  }

  *#readJson(bytes: Buffer, expected: Expected & { readonly part: 'json' }): Generator<ControlEvent, Buffer> {
    const chunk = bytes.subarray(0, expected.left)
    this.#hold(chunk)
    this.#expected = { ...expected, left: expected.left - chunk.length }
    if (this.#expected.left === 0) yield* this.#endJson(expected.word, this.#takeHeld().toString())
    return bytes.subarray(chunk.length)
  }

  *#endJson(word: 'result' | 'service', json: string): Generator<ControlEvent> {
    if (word === 'result') return yield* this.#beginFile(parseControlResult(json), 0)
    this.#expected = { part: 'line' }
    yield { word, start: parseControlService(json) }
  }

  *#readFile(bytes: Buffer, expected: Expected & { readonly part: 'file' }): Generator<ControlEvent, Buffer> {
    const chunk = bytes.subarray(0, expected.left)
    this.#expected = { ...expected, left: expected.left - chunk.length }
    yield { word: 'data', chunk }
    if (this.#expected.left === 0) {
      yield { word: 'file-end' }
      yield* this.#beginFile(expected.result, expected.index + 1)
    }
    return bytes.subarray(chunk.length)
  }

  /** Begins the next file with content; after the last file, the result is complete. */
  *#beginFile(result: ControlResult, first: number): Generator<ControlEvent> {
    for (const [index, file] of (result.files ?? []).entries()) {
      if (index < first) continue
      this.#expected = { part: 'file', result, index, left: file.length }
      yield { word: 'file', file, result }
      if (file.length > 0) return
      yield { word: 'file-end' }
    }
    this.#expected = { part: 'line' }
    yield { word: 'result', result }
  }

  #hold(bytes: Buffer): void {
    // A copy: the caller may use the buffer again.
    this.#held.push(Buffer.from(bytes))
    this.#heldLength += bytes.length
  }

  #takeHeld(): Buffer {
    const held = Buffer.concat(this.#held)
    this.#held = []
    this.#heldLength = 0
    return held
  }
}

function describeMissing({ result, index, left }: Expected & { readonly part: 'file' }): string {
  return `the test ended ${left} bytes before the end of its file ${result.files?.[index]?.name}`
}
