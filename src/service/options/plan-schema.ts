import * as v from 'valibot'
import { graceForm, isGrace, isTimeout, timeoutForm } from '../../kernel/time-limit.ts'

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

export const textSchema = v.pipe(v.string(), v.check(hasNoNul, 'a text without NUL'))
/** Name of a variable. */
export const nameSchema = v.pipe(
  v.string(),
  v.check(isName, 'a name, which is not empty and has neither "=" nor NUL in it'),
)

/** Value of a variable; a number becomes a string. */
export const valueSchema = v.union([textSchema, v.number()])

/** Variables, each as a value or as a function that makes the value, or a function for all. */
export const madeVariablesSchema = v.union([
  v.record(nameSchema, v.union([...valueSchema.options, v.function()])),
  v.function(),
])

/** Variables to set; `null` unsets. */
export const variablesSchema = v.record(nameSchema, v.nullable(textSchema))

/** Variables with texts or numbers; numbers become texts. */
export const valuesSchema = v.record(nameSchema, v.nullable(valueSchema))

function isName(name: string): boolean {
  return name !== '' && !name.includes('=') && hasNoNul(name)
}

function hasNoNul(text: string): boolean {
  return !text.includes('\0')
}
