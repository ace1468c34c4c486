import { basename, join } from 'node:path'
import * as v from 'valibot'
import type { WorkflowContext } from '../script/script.ts'
import { pathArgument, transportArgument } from './arguments.ts'

export const description = 'copies a file or a directory from machines to this machine'

export const schema = v.strictObject({
  from: pathArgument('path on the machine'),
  to: v.optional(
    pathArgument('path on this machine; begins in the directory of the workflow; default: an artifact of the step'),
  ),
  transport: transportArgument,
})

export default async function get(
  context: WorkflowContext,
  { from, to, transport }: v.InferOutput<typeof schema>,
): Promise<void> {
  const inPlace = to ?? join(context.artifacts, basename(from))
  if (!Array.isArray(transport)) return context.get(from, inPlace, { transport })
  // Several machines have files of the same name.
  for (const name of transport)
    await context.get(from, join(to ?? context.artifacts, name, basename(from)), { transport: name })
}
