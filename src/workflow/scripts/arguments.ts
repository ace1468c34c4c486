import * as v from 'valibot'

const transportName = v.pipe(v.string(), v.nonEmpty())

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

/** Returns the schema of a path. */
export function pathArgument(description: string) {
  return v.pipe(v.string(), v.nonEmpty(), v.description(description))
}
