import { closeSync, writeSync } from 'node:fs'
import { timestamp } from '../kernel/clock.ts'
import { LogFile } from '../process/log-file.ts'
import { type LogLevel, logLevels } from './message.ts'

/** The output of actions, as it came with secrets replaced, and between it what is to say of them. */
export class ActionLog {
  readonly file: LogFile
  readonly #descriptor: number
  #level: LogLevel = 'INFO'
  #isClosed = false

  constructor(path: string) {
    this.file = new LogFile(path)
    this.#descriptor = this.file.openForWriting()
  }

  /** Lines of our own below this level are left out from now on; output never is. */
  setLevel(level: LogLevel): void {
    this.#level = level
  }

  write(lines: Buffer): void {
    // The number of the descriptor may be another file's by now.
    if (this.#isClosed) return
    // One call may write less than it was given.
    for (let written = 0; written < lines.length; ) written += writeSync(this.#descriptor, lines, written)
  }

  note(level: LogLevel, text: string): void {
    if (logLevels.indexOf(level) > logLevels.indexOf(this.#level)) return
    this.write(Buffer.from(`${timestamp()} ${level} ${text}\n`))
  }

  close(): void {
    this.#isClosed = true
    closeSync(this.#descriptor)
  }
}
