import { constants } from 'node:os'
import * as v from 'valibot'
import type { Readiness } from '../../readiness/readiness.ts'
import { graceSchema, nameSchema, valueSchema } from '../options/plan-schema.ts'
import { portSchema } from '../options/port-schema.ts'

const signalSchema = v.picklist(Object.keys(constants.signals))

const ladderSchema = v.array(v.strictObject({ signal: signalSchema, graceMs: graceSchema }))
const noticeSchema = v.strictObject({ mode: v.literal('notify-then-terminate'), graceMs: v.optional(graceSchema) })

function isReadiness(value: unknown): value is Readiness {
  const { description, probe }: Partial<Record<keyof Readiness, unknown>> = Object(value)
  return typeof description === 'string' && typeof probe === 'function'
}

export const commandSchema = v.strictObject({
  command: v.pipe(v.array(v.string()), v.nonEmpty()),
  directory: v.optional(v.string()),
  needs: v.optional(v.array(v.string())),
  scope: v.optional(v.picklist(['run', 'slot'])),
  files: v.optional(v.array(v.string())),
  environment: v.optional(v.union([v.function(), v.record(nameSchema, valueSchema)])),
  port: v.optional(v.union([v.literal(false), portSchema])),
  listener: v.optional(v.picklist(['own', 'any'])),
  ready: v.optional(v.custom<Readiness>(isReadiness, "a strategy such as ready.http('/healthz')")),
  // A `lazy` schema instead of a union: the message of a union does not name the wrong key.
  stop: v.optional(v.lazy((stop) => (Array.isArray(stop) ? ladderSchema : noticeSchema))),
  reset: v.optional(v.function()),
})

/** Options that a profile may change: all except `needs`, `scope` and `files`. */
export const profileSchema = v.partial(v.omit(commandSchema, ['needs', 'scope', 'files']))
