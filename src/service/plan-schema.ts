import * as v from 'valibot'
import { graceForm, isGrace, isTimeout, timeoutForm } from '../kernel/time-limit.ts'

/** Options of actions, as written by a user in a session, an environment or a script. */

export const timeoutSchema = v.pipe(v.unknown(), v.check(isTimeout, timeoutForm))
export const graceSchema = v.pipe(v.unknown(), v.check(isGrace, graceForm))

const cancelationSchema = v.variant('mode', [
  v.strictObject({ mode: v.literal('terminate') }),
  v.strictObject({ mode: v.literal('notify-then-terminate'), graceMs: v.optional(graceSchema) }),
])

export const filesSchema = v.record(
  v.string(),
  v.strictObject({
    data: v.union([v.string(), v.function()]),
    filename: v.optional(v.string()),
    runnable: v.optional(v.boolean()),
  }),
)

export const planSchema = v.strictObject({
  command: v.union([v.pipe(v.array(v.string()), v.nonEmpty()), v.function()]),
  directory: v.optional(v.string()),
  embeddedFiles: v.optional(filesSchema),
  timeoutMs: v.optional(timeoutSchema),
  cancelation: v.optional(cancelationSchema),
})

const namesForm = 'names of variables, which are not empty and have neither "=" nor NUL in them'

const textSchema = v.pipe(v.string(), v.check(hasNoNul, 'a text without NUL'))

/** Variables to set; `null` unsets. */
export const variablesSchema = v.pipe(
  v.record(v.string(), v.nullable(textSchema)),
  v.check((variables) => Object.keys(variables).every(isName), namesForm),
)

/** Variables to set, numbers included; numbers become strings. */
export const valuesSchema = v.pipe(
  v.record(v.string(), v.nullable(v.union([textSchema, v.number()]))),
  v.check((variables) => Object.keys(variables).every(isName), namesForm),
)

function isName(name: string): boolean {
  return name !== '' && !name.includes('=') && hasNoNul(name)
}

function hasNoNul(text: string): boolean {
  return !text.includes('\0')
}
