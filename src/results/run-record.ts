import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { ownVersions } from '../host/modules/own-versions.ts'
import { timestamp } from '../kernel/clock.ts'
import { Redactor } from '../kernel/redactor.ts'
import { secretsIn } from '../kernel/secrets.ts'
import type { RunSummary } from './result-sink.ts'

/** Content of `run.json`: the run on a host. */
export interface RunRecord {
  readonly format: 1
  /** Unique: the copy of a directory is recognised. */
  readonly id: string
  readonly host: string
  readonly begin: string
  /** Absent during the run, and if the process was killed. */
  readonly end?: string
  readonly versions: Readonly<Record<string, string>>
  readonly config: unknown
  readonly summary?: RunSummary
}

/** Options of `createResults`. */
export interface NewResults {
  /** An empty directory, or a directory still to be made. */
  readonly path: string
  /** Versions of important programs, by name. The versions of Node and of this package are added. */
  readonly versions?: Readonly<Record<string, string>> | undefined
  /** The config used. Must survive JSON; passwords and further secrets are hidden. */
  readonly config?: unknown
}

export function createRunRecord({ versions, config = null }: Omit<NewResults, 'path'>): RunRecord {
  return {
    format: 1,
    id: randomUUID(),
    host: hostname(),
    begin: timestamp(),
    versions: { ...ownVersions(), ...versions },
    config,
  }
}

/** Returns the text of `run.json`. */
export function runText(record: RunRecord): string {
  const hide = (key: string, value: unknown): unknown =>
    typeof value === 'string' ? new Redactor(secretsIn({ [key]: value })).apply(value) : value
  return `${JSON.stringify(record, hide, 2)}\n`
}
