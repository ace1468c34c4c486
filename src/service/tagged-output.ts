import type { ActionLog } from '../action/action-log.ts'
import type { LogLevel } from '../action/message.ts'

const mostKeptBytes = 64 * 1024

/**
 * Keeps what an action says beside another one, each line with a tag that tells whose it is, until somebody wants it in
 * the log.
 */
export class TaggedOutput {
  readonly #tag: string
  readonly #log: Pick<ActionLog, 'write' | 'note'>
  readonly #entries: (() => void)[] = []
  #bytes = 0

  constructor(tag: string, log: Pick<ActionLog, 'write' | 'note'>) {
    this.#tag = tag
    this.#log = log
  }

  /** Takes whole lines; what exceeds 64 KiB goes to the log at once. */
  write(lines: Buffer): void {
    // A carriage return ends no line, as it would for "^".
    const tagged = lines.toString('latin1').replaceAll(/(?<![^\n])(?=[\s\S])/g, this.#tag)
    this.#entries.push(() => this.#log.write(Buffer.from(tagged, 'latin1')))
    this.#bytes += tagged.length
    if (this.#bytes > mostKeptBytes) this.flush()
  }

  note(level: LogLevel, text: string): void {
    this.#entries.push(() => this.#log.note(level, text))
  }

  /** Writes all of it to the log. */
  flush(): void {
    for (const write of this.#entries.splice(0)) write()
    this.#bytes = 0
  }
}
