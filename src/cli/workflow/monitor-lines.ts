import { StringDecoder } from 'node:string_decoder'

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
    return `${this.#prefix}${line.replace(/\r$/, '')}\n`
  }
}
