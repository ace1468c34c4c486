import { mkdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { randomName } from '../../src/host/secret.ts'
import { ownIdentity } from '../../src/process/inspect/identity.ts'
import type { Resource } from '../../src/run/journal.ts'
import { runPaths } from '../../src/run/run-paths.ts'
import { type RunRecord, runVariable } from '../../src/run/run-record.ts'
import { type StartedProgram, startProgram } from '../support/program.ts'

export interface DeadRun {
  readonly id: string
  readonly directory: string
  /** Starts a process that carries the run's mark. */
  startMarked(...argv: readonly string[]): StartedProgram
}

/** Writes the run of a holder that is dead: it has our pid and another start time, the oldest there is. */
export function createDeadRun(
  state: string,
  resources: readonly Resource[],
  changes: Partial<RunRecord> = {},
): DeadRun {
  const id = randomName(20)
  const directory = join(runPaths.runs(state), id)
  const holder = { ...ownIdentity(), startTime: '1' }
  const record: RunRecord = {
    id,
    uid: process.getuid?.() ?? 0,
    host: hostname(),
    holder,
    createdAt: new Date().toISOString(),
    ...changes,
  }
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  writeFileSync(runPaths.record(directory), JSON.stringify(record))
  const lines = resources.map((made, index) => JSON.stringify({ id: index + 1, made }))
  writeFileSync(runPaths.journal(directory), `${lines.join('\n')}\n`)
  const env = { PATH: process.env.PATH, [runVariable]: id }
  return { id, directory, startMarked: (...argv) => startProgram(argv, { env, detached: true }) }
}
