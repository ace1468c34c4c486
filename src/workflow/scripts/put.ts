import * as v from 'valibot'
import type { WorkflowContext } from '../script/script.ts'
import { chosenTransports, pathArgument, transportArgument } from './arguments.ts'

export const description = 'copies a file or a directory of this machine to another'

export const schema = v.strictObject({
  from: pathArgument('path on this machine; begins in the directory of the workflow'),
  to: pathArgument('path on the machine of the transport'),
  transport: transportArgument,
})

export default async function put(
  context: WorkflowContext,
  { from, to, transport: chosen }: v.InferOutput<typeof schema>,
): Promise<void> {
  for (const transport of chosenTransports(chosen)) await context.put(from, to, { transport })
}
