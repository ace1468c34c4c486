import { basename, join } from 'node:path'
import * as v from 'valibot'
import type { WorkflowContext } from '../script/script.ts'
import { pathArgument } from './arguments.ts'

export const description = 'copies a file or a directory of a machine to this one'

export const schema = v.strictObject({
  from: pathArgument('path on the machine of the transport'),
  to: v.optional(
    pathArgument('path on this machine; begins in the directory of the workflow; default: an artifact of the step'),
  ),
  transport: v.optional(pathArgument('name of a transport; default: the transport of the step')),
})

export default async function get(
  context: WorkflowContext,
  { from, to, transport }: v.InferOutput<typeof schema>,
): Promise<void> {
  await context.get(from, to ?? join(context.artifacts, basename(from)), { transport })
}
