import { closeSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs'
import { monotonicMs, timestamp } from '../../kernel/clock.ts'
import { onOutputDisk } from './output-disk.ts'
import type { RecordWriter } from './record-file.ts'
import type { CommandState } from './step-record.ts'

type CommandFacts = Pick<CommandState, 'command' | 'transport' | 'directory'>
type CommandEnd = Pick<CommandState, 'exitCode' | 'signal' | 'done' | 'error'>

/** The record of one command: its output as it comes, and its state at the beginning and at the end. */
export class CommandRecord {
  /** File with the output. */
  readonly file: string
  readonly #stateFile: string
  readonly #records: RecordWriter
  readonly #descriptor: number
  readonly #startedAt = monotonicMs()
  readonly #begin: CommandFacts & Pick<CommandState, 'begin'>

  /** @param path without extension @throws ERR_RESULTS if the disk is full or refuses */
  constructor(path: string, { command, transport, directory }: CommandFacts, records: RecordWriter) {
    this.file = `${path}.output`
    this.#stateFile = `${path}.state`
    this.#records = records
    this.#begin = { command, transport, directory, begin: timestamp() }
    this.#descriptor = this.#onDisk(() => openSync(this.file, 'wx', 0o600))
    try {
      this.#onDisk(() => records.write(this.#stateFile, { ...this.#begin, done: false }))
    } catch (thrown) {
      closeSync(this.#descriptor)
      throw thrown
    }
  }

  /** Appends output. @throws ERR_RESULTS */
  write(chunk: Uint8Array): void {
    // At once, so that the output of a killed run is complete.
    this.#onDisk(() => writeFileSync(this.#descriptor, chunk))
  }

  /** Writes the final state. @throws ERR_RESULTS */
  end(end: CommandEnd): void {
    closeSync(this.#descriptor)
    const elapsed = secondsSince(this.#startedAt)
    const state: CommandState = { ...this.#begin, end: timestamp(), elapsed, ...end }
    this.#onDisk(() => this.#records.write(this.#stateFile, state))
  }

  #onDisk<T>(write: () => T): T {
    return onOutputDisk(this.file, write)
  }
}

/** Returns the seconds since an instant of the monotonic clock, with milliseconds. */
export function secondsSince(startedAtMs: number): number {
  return Math.round(monotonicMs() - startedAtMs) / 1_000
}

/** Returns the last lines of a file, from its last bytes. */
export function lastLines(path: string, { lines, bytes }: { readonly lines: number; readonly bytes: number }): string {
  const descriptor = openSync(path, 'r')
  try {
    const { size } = fstatSync(descriptor)
    const length = Math.min(size, bytes)
    const buffer = Buffer.alloc(length)
    readSync(descriptor, buffer, 0, length, size - length)
    return buffer.toString().trimEnd().split('\n').slice(-lines).join('\n')
  } finally {
    closeSync(descriptor)
  }
}
