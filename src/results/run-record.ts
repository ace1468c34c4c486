import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { timestamp } from '../kernel/clock.ts'
import type { RunSummary } from './result-sink.ts'

/** Name of the file that makes a directory a results directory. */
export const runFile = 'run.json'

/** What `run.json` says of the run on one host. */
export interface RunRecord {
  readonly format: 1
  /** Unique: a directory that was copied is recognised. */
  readonly id: string
  readonly host: string
  readonly begin: string
  /** Absent while the run goes on, and if its process was killed. */
  readonly end?: string
  readonly versions: Readonly<Record<string, string>>
  readonly config: unknown
  readonly summary?: RunSummary
}

export interface RunFacts {
  /** Versions of programs that matter, by name. Node's is added. */
  readonly versions?: Readonly<Record<string, string>> | undefined
  /** The config used, without secrets. Must survive JSON. */
  readonly config?: unknown
}

export function createRunRecord({ versions, config = null }: RunFacts): RunRecord {
  return {
    format: 1,
    id: randomUUID(),
    host: hostname(),
    begin: timestamp(),
    versions: { node: process.versions.node, ...versions },
    config,
  }
}
