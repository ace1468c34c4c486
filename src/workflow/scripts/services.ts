import * as v from 'valibot'
import type { WorkflowContext } from '../script/script.ts'

export const description = 'starts services, for all later commands on all machines'

export const schema = v.strictObject({
  names: v.pipe(
    v.array(v.pipe(v.string(), v.nonEmpty(), v.metadata({ format: 'service' }))),
    v.nonEmpty(),
    v.description('names of services of the config, or of bundled fixtures if the config has no services'),
  ),
})

export default async function services(
  context: WorkflowContext,
  { names }: v.InferOutput<typeof schema>,
): Promise<void> {
  await context.services(names)
}
