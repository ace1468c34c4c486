import { closeSync, writeSync } from 'node:fs'
import { timestamp } from '../kernel/clock.ts'
import { LogFile } from '../process/log-file.ts'
import { type LogLevel, logLevels } from './output/message.ts'

/**
 * Log of a session or script: the unchanged output of the actions, with secrets replaced, and notes of our own in
 * between.
 */
export class ActionLog {
  readonly file: LogFile
  readonly #descriptor: number
  #level: LogLevel = 'INFO'
  #isClosed = false

  constructor(path: string) {
    this.file = new LogFile(path)
    this.#descriptor = this.file.openForWriting()
  }

  /** Leaves out our own lines below this level from now on. Output is always written. */
  setLevel(level: LogLevel): void {
    this.#level = level
  }

  write(lines: Buffer): void {
    // After `close`, the number of the descriptor may belong to a different file.
    if (this.#isClosed) return
    // `writeSync` may write fewer bytes than given.
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
