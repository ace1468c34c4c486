import { StringDecoder } from 'node:string_decoder'
import { lastState } from './workflow-text.ts'

/** Longest line shown at once; a longer line is shown in parts. */
const longestLine = 4_096

/** Splits output into lines for the terminal, each with the name of its step. */
export class MonitorLines {
  readonly #prefix: string
  readonly #decoder = new StringDecoder('utf8')
  #unfinished = ''

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  /** Returns the lines completed by a chunk. */
  add(chunk: Uint8Array): string {
    const lines = (this.#unfinished + this.#decoder.write(Buffer.from(chunk))).split('\n')
    this.#unfinished = lines.pop() ?? ''
    if (this.#unfinished.length > longestLine) {
      lines.push(this.#unfinished)
      this.#unfinished = ''
    }
    return lines.map((line) => this.#shown(line)).join('')
  }

  /** Returns the rest, after the end of a command. */
  end(): string {
    const rest = this.#unfinished + this.#decoder.end()
    this.#unfinished = ''
    return rest === '' ? '' : this.#shown(rest)
  }

  #shown(line: string): string {
    return `${this.#prefix}${coloredLine(line)}\n`
  }
}

/** Sequences of terminals other than colors: moves of the cursor, clearing, titles (even without their end). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are dropped.
const noColor = /\u001b(?:\[[0-?]*[ -/]*[@-ln-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\|$)|[()*+].|[^[\]])/g

/** Returns a line that leaves the cursor and the colors of the next line alone. */
function coloredLine(line: string): string {
  const text = lastState(line).replaceAll(noColor, '')
  return text.includes('\u001b[') && !text.endsWith('\u001b[0m') ? `${text}\u001b[0m` : text
}
