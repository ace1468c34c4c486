import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import * as v from 'valibot'
import { epochMs, timestamp } from '../kernel/clock.ts'
import { parseJson } from '../kernel/parse-json.ts'
import { valueUnless } from '../kernel/value-unless.ts'
import { ownControlGroup } from '../process/control-group.ts'
import { currentBootId, isAlive, isThisBoot, ownIdentity } from '../process/inspect/identity.ts'
import type { RunMarks } from '../process/marks.ts'
import { runPaths } from './run-paths.ts'

const recordSchema = v.pipe(
  v.object({
    id: v.pipe(v.string(), v.regex(/^[a-z0-9]+$/)),
    uid: v.number(),
    host: v.string(),
    holder: v.object({ pid: v.pipe(v.number(), v.integer()), startTime: v.string(), bootId: v.string() }),
    createdAt: v.pipe(v.string(), v.isoTimestamp()),
    /** Path of the control group that the run makes. Absent if the kernel lets us make none. */
    controlGroup: v.optional(v.string()),
  }),
  // With a wrong path, a sweep would end the members of a foreign group.
  v.check(({ id, controlGroup }) => controlGroup === undefined || basename(controlGroup) === controlGroupName(id)),
)

/** `run.json`: the holder of a run. Written once, before all other files of the run. */
export type RunRecord = Readonly<v.InferOutput<typeof recordSchema>>

/** Variable in the environment of every process of a run. */
export const runVariable = 'TEST_SERVICES_RUN'
/** Variable in the environment of every process of an instance. */
export const instanceVariable = 'TEST_SERVICES_INSTANCE'

const longestElsewhereMs = 24 * 60 * 60 * 1_000

export function createRunRecord(id: string): RunRecord {
  const group = ownControlGroup()
  return {
    id,
    uid: process.getuid?.() ?? 0,
    host: hostname(),
    holder: ownIdentity(),
    createdAt: timestamp(),
    ...(group !== undefined && { controlGroup: join(group, controlGroupName(id)) }),
  }
}

function controlGroupName(id: string): string {
  return `test-services-${id}`
}

/** Returns the marks of a run. The holder is older than every other process of the run. */
export function runMarks({ id, holder, controlGroup }: RunRecord, directories: readonly string[]): RunMarks {
  return { variable: `${runVariable}=${id}`, directories, controlGroup, holder }
}

/** Reads the record of a run; `undefined` if there is none, `damaged` if its content is invalid. */
export function readRunRecord(directory: string): RunRecord | 'damaged' | undefined {
  return valueUnless(['ENOENT', 'ENOTDIR'], () => {
    const text = valueUnless(['EISDIR'], () => readFileSync(runPaths.record(directory), 'utf8')) ?? ''
    return parseRunRecord(text) ?? 'damaged'
  })
}

/** Returns `undefined` if the text is not a record. */
export function parseRunRecord(text: string): RunRecord | undefined {
  const parsed = v.safeParse(recordSchema, parseJson(text))
  return parsed.success ? parsed.output : undefined
}

/**
 * Whether the run has no holder any more. Processes of another host or container with the same home are invisible to
 * us: their runs are left alone for a day. A run with a foreign uid in our own directory is ours, seen from another
 * user namespace. Only a process with the holder's uid can tell whether the holder is alive.
 */
export function isAbandoned({ uid, holder, host, createdAt }: RunRecord): boolean {
  if (uid !== process.getuid?.()) return false
  if (holder.bootId === currentBootId()) return !isAlive(holder)
  const isElsewhere = isThisBoot(holder.bootId) || host !== hostname()
  return !isElsewhere || epochMs() - Date.parse(createdAt) > longestElsewhereMs
}
