import * as v from 'valibot'

/** Name of the file by which an output directory is known. */
export const stateFile = 'workflow.state'

const text = v.string()
/** An empty text stands for a damaged time: everything else of the record can be told. */
const time = v.fallback(v.pipe(text, v.isoTimestamp()), '')
const stepSchema = v.object({
  name: text,
  uses: v.fallback(text, 'run'),
  transport: v.fallback(text, ''),
  state: v.picklist(['waiting', 'running', 'passed', 'failed', 'canceled', 'skipped']),
  folder: v.pipe(text, v.regex(/^\d+_[\w-]+$/)),
  begin: v.optional(time),
  elapsed: v.optional(v.number()),
  error: v.optional(text),
})

/** The content of `workflow.state`. */
export const workflowSchema = v.object({
  workflow: text,
  doc: v.optional(text),
  tags: v.optional(v.array(text), []),
  configs: v.optional(v.array(text), []),
  host: v.optional(text),
  versions: v.optional(v.record(text, text), {}),
  begin: time,
  end: v.optional(time),
  outcome: v.picklist(['running', 'passed', 'failed', 'canceled']),
  steps: v.array(stepSchema),
})

/** The content of `cmd_01.state`. */
export const commandSchema = v.object({
  command: v.union([text, v.array(text)]),
  transport: v.fallback(text, ''),
  directory: v.optional(text),
  begin: time,
  end: v.optional(time),
  elapsed: v.optional(v.number()),
  exitCode: v.optional(v.number()),
  signal: v.optional(text),
  done: v.boolean(),
  error: v.optional(text),
})
