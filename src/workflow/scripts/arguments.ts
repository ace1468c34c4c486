import * as v from 'valibot'
import { parseDuration } from '../../kernel/duration.ts'
import { nameSchema, textSchema } from '../../service/options/plan-schema.ts'

/** Name of a transport, which is checked before the workflow runs. */
export const transportName = v.pipe(v.string(), v.nonEmpty(), v.metadata({ format: 'transport' }))

/** Argument for the machines of a script; see `chosenTransports`. */
export const transportArgument = v.optional(
  v.pipe(
    v.union([transportName, v.pipe(v.array(transportName), v.nonEmpty())]),
    v.description('name of a transport, or a list of names; default: the transport of the step'),
  ),
)

/** Returns the transports of a script, one after the other; `undefined` stands for the transport of the step. */
export function chosenTransports(chosen: v.InferOutput<typeof transportArgument>): readonly (string | undefined)[] {
  return Array.isArray(chosen) ? chosen : [chosen as string | undefined]
}

/** Argument for variables; a number or a boolean becomes a text. */
export function environmentArgument(description: string) {
  const value = v.pipe(v.union([textSchema, v.number(), v.boolean()]), v.transform(String))
  return v.optional(v.pipe(v.record(nameSchema, value), v.description(description)))
}

/** Returns the schema of a path. */
export function pathArgument(description: string) {
  return v.pipe(v.string(), v.nonEmpty(), v.description(description))
}

/** Returns the schema of a duration; the script gets milliseconds. */
export function durationArgument(description: string, initial: string) {
  return v.optional(v.pipe(duration, v.description(`${description}: 90s, 15m, or a number of seconds`)), initial)
}

export const duration = v.pipe(
  v.union([v.string(), v.number()]),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const ms = parseDuration(String(dataset.value))
    if (ms !== undefined && ms > 0) return ms
    addIssue({ message: 'a duration such as 90s or 15m' })
    return NEVER
  }),
)

/** A word of a command line that cannot be taken for an option. */
export const word = v.pipe(v.string(), v.regex(/^[^-]/, 'a text that does not begin with "-"'))
