import { basename, join } from 'node:path'
import * as v from 'valibot'
import { ConfigError } from '../../kernel/errors.ts'
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
  const name = basename(from)
  if ((to === undefined || Array.isArray(transport)) && ['', '.', '..'].includes(name))
    throw new ConfigError(`the path "${from}" ends with no name for its copy; name the file or directory`)
  const inPlace = to ?? join(context.artifacts, name)
  if (!Array.isArray(transport)) return context.get(from, inPlace, { transport })
  // Several machines have files of the same name.
  for (const machine of transport)
    await context.get(from, join(to ?? context.artifacts, machine, name), { transport: machine })
}
