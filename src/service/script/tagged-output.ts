import type { ActionLog } from '../../action/action-log.ts'
import type { LogLevel } from '../../action/output/message.ts'

const mostKeptBytes = 64 * 1024

/**
 * Keeps the output of an action that runs beside other actions, each line with a tag for the source, until `flush`
 * writes the lines to the log.
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

  /** Takes whole lines. More than 64 KiB are flushed to the log at once. */
  write(lines: Buffer): void {
    // A carriage return does not end a line here; for `^` it would.
    const tagged = lines.toString('latin1').replaceAll(/(?<![^\n])(?=[\s\S])/g, this.#tag)
    this.#entries.push(() => this.#log.write(Buffer.from(tagged, 'latin1')))
    this.#bytes += tagged.length
    if (this.#bytes > mostKeptBytes) this.flush()
  }

  note(level: LogLevel, text: string): void {
    this.#entries.push(() => this.#log.note(level, text))
  }

  /** Writes all kept lines to the log. */
  flush(): void {
    for (const write of this.#entries.splice(0)) write()
    this.#bytes = 0
  }
}
