import { readFileSync } from 'node:fs'
import { hasCode } from '../kernel/errors.ts'
import type { ProcessIdentity } from '../process/identity.ts'
import type { RunMarks } from '../process/marks.ts'
import { runPaths } from './run-paths.ts'

/** `run.json`: who holds a run. Written once, before anything else of the run. */
export interface RunRecord {
  readonly id: string
  readonly uid: number
  readonly holder: ProcessIdentity
  readonly createdAt: string
}

/** In the environment of everything that a run starts. */
export const runVariable = 'TEST_SERVICES_RUN'
/** In the environment of everything that one instance of a service starts. */
export const instanceVariable = 'TEST_SERVICES_INSTANCE'

export function runMarks(id: string, directories: readonly string[]): RunMarks {
  return { variable: `${runVariable}=${id}`, directories }
}

/** The record of a run; `undefined` when it is gone, `damaged` when it makes no sense. */
export function readRunRecord(directory: string): RunRecord | 'damaged' | undefined {
  try {
    const record: unknown = JSON.parse(readFileSync(runPaths.record(directory), 'utf8'))
    return isRunRecord(record) ? record : 'damaged'
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return undefined
    if (thrown instanceof SyntaxError) return 'damaged'
    throw thrown
  }
}

function isRunRecord(value: unknown): value is RunRecord {
  const record = value as Partial<RunRecord> | null
  const holder = record?.holder
  return (
    typeof record?.id === 'string' &&
    /^[a-z0-9]+$/.test(record.id) &&
    record.uid === process.getuid?.() &&
    Number.isInteger(holder?.pid) &&
    typeof holder?.startTime === 'string' &&
    typeof holder.bootId === 'string'
  )
}
