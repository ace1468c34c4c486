import { readFileSync } from 'node:fs'
import { stateDirectory } from '../host/state-directory.ts'
import { parseJson } from '../kernel/parse-json.ts'
import { valueUnless } from '../kernel/value-unless.ts'
import { isAlive, readStat } from '../process/inspect/identity.ts'
import { findMarked } from '../process/marks.ts'
import { type Entry, entries, recordOf } from './run-entry.ts'
import { runPaths } from './run-paths.ts'
import { runMarks } from './run-record.ts'

/** The living holder of a process. */
export interface HolderOf {
  readonly pid: number
  /** `helper`, `exec`, or `undefined` for a program that holds its own services, such as a test. */
  readonly kind?: string | undefined
  /** Config file or directory of the project. */
  readonly project?: string | undefined
  /** Name of the helper. */
  readonly name?: string | undefined
}

/** Returns the holder of a process that is the holder itself, or that a service of the holder runs; else `undefined`. */
export function holderOf(pid: number): HolderOf | undefined {
  const stat = readStat(pid)
  if (!stat) return undefined
  for (const run of entries(runPaths.runs(stateDirectory()))) {
    const record = recordOf(run)
    if (record === undefined || record === 'damaged' || !isAlive(record.holder)) continue
    const isHeld = record.holder.pid === pid || findMarked([stat], runMarks(record, [run.directory])).length > 0
    if (isHeld) return { ...describedIn(run), pid: record.holder.pid }
  }
  return undefined
}

function describedIn({ directory }: Entry): Omit<HolderOf, 'pid'> {
  const text = valueUnless(['ENOENT'], () => readFileSync(runPaths.holder(directory), 'utf8')) ?? ''
  const { kind, project, name } = Object(parseJson(text)) as Omit<HolderOf, 'pid'>
  return { kind, project, name }
}
