import { appendFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CommandRecord } from './command-record.ts'
import { onOutputDisk } from './output-disk.ts'
import type { RecordWriter } from './record-file.ts'
import type { CommandState } from './step-record.ts'

/** Returns the name of a step's folder: `001_build`. */
export function stepFolder(index: number, name: string): string {
  return `${String(index + 1).padStart(3, '0')}_${name}`
}

/** The folder of a step, with the records of its commands. Records of an earlier run are removed. */
export class StepOutput {
  readonly path: string
  readonly #records: RecordWriter
  #commands = 0
  #hasArtifacts = false

  constructor(path: string, records: RecordWriter) {
    this.path = path
    this.#records = records
    onOutputDisk(path, () => {
      rmSync(path, { recursive: true, force: true })
      mkdirSync(path, { mode: 0o700 })
    })
  }

  /** Directory for files that the report offers, made on first use. */
  get artifacts(): string {
    const path = join(this.path, 'artifacts')
    if (!this.#hasArtifacts) onOutputDisk(path, () => mkdirSync(path, { recursive: true, mode: 0o700 }))
    this.#hasArtifacts = true
    return path
  }

  /** Begins the record of a command. @throws ERR_RESULTS */
  beginCommand(facts: Pick<CommandState, 'command' | 'transport' | 'directory'>): CommandRecord {
    const number = String(++this.#commands).padStart(2, '0')
    return new CommandRecord(join(this.path, `cmd_${number}`), facts, this.#records)
  }

  /** Appends a line for people to `step.log`. */
  log(text: string): void {
    const file = join(this.path, 'step.log')
    onOutputDisk(file, () => appendFileSync(file, `${this.#records.redactor.apply(text)}\n`, { mode: 0o600 }))
  }
}
