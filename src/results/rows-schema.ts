import * as v from 'valibot'
import type { BegunAttempt, RunSummary } from './result-sink.ts'
import type { AttemptRow, AttemptState, MachineRow, ResultRow, ServiceRow } from './rows.ts'
import type { RunRecord } from './run-record.ts'

/** Schemas of the rows in a results directory, as far as a reader needs the rows. Further items and keys are kept. */

const text = v.nullable(v.string())

const sixItems = v.looseTuple([v.string(), v.string(), v.string(), text, v.array(v.string()), text])

export const resultRow: v.GenericSchema<unknown, ResultRow> = v.custom<ResultRow>((row) => v.is(sixItems, row))

const begin = {
  id: v.string(),
  test: v.string(),
  number: v.number(),
  platform: v.string(),
  machine: v.string(),
  host: v.string(),
  begin: v.string(),
}

export const attemptBegin: v.GenericSchema<unknown, BegunAttempt> = v.looseObject(begin)

export const attemptRow: v.GenericSchema<unknown, AttemptRow> = v.looseObject({
  ...begin,
  end: v.string(),
  exitCode: v.nullable(v.number()),
  signal: text,
  state: v.custom<AttemptState>((state) => typeof state === 'string'),
  rerun: text,
  note: text,
})

export const machineRow: v.GenericSchema<unknown, MachineRow> = v.looseObject({
  machine: v.string(),
  host: v.string(),
  state: v.string(),
  at: v.string(),
  note: text,
})

export const serviceRow: v.GenericSchema<unknown, ServiceRow> = v.looseObject({
  service: v.string(),
  host: v.string(),
  machine: text,
  attempt: v.optional(v.string()),
  begin: v.string(),
  readyMs: v.number(),
  isTenant: v.optional(v.boolean()),
  error: v.optional(v.string()),
  steps: v.optional(v.array(v.object({ name: v.string(), ms: v.number() }))),
  note: text,
})

export const runRecord: v.GenericSchema<unknown, RunRecord> = v.looseObject({
  format: v.literal(1),
  id: v.string(),
  host: v.string(),
  begin: v.string(),
  end: v.exactOptional(v.string()),
  versions: v.record(v.string(), v.string()),
  config: v.unknown(),
  summary: v.exactOptional(v.custom<RunSummary>((summary) => typeof summary === 'object' && summary !== null)),
})
