import { closeSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type LogLevel, logLevels } from '../action/message.ts'
import { LogFile } from '../process/log-file.ts'

/** The output of a session's actions, as it came, and between it what the session has to say. */
export class SessionLog {
  readonly file: LogFile
  readonly #descriptor: number
  #level: LogLevel = 'INFO'

  /** @param directory where `session.log` is made */
  constructor(directory: string) {
    this.file = new LogFile(join(directory, 'session.log'))
    this.#descriptor = this.file.openForWriting()
  }

  /** Lines of the session's own below this level are left out from now on; output never is. */
  setLevel(level: LogLevel): void {
    this.#level = level
  }

  write(lines: Buffer): void {
    // One call may write less than it was given.
    for (let written = 0; written < lines.length; ) written += writeSync(this.#descriptor, lines, written)
  }

  note(level: LogLevel, text: string): void {
    if (logLevels.indexOf(level) > logLevels.indexOf(this.#level)) return
    this.write(Buffer.from(`${new Date().toISOString()} ${level} ${text}\n`))
  }

  close(): void {
    closeSync(this.#descriptor)
  }
}
