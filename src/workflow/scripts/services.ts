import * as v from 'valibot'
import { defaultTimeoutMs } from '../../service/set-up-options.ts'
import type { WorkflowContext } from '../script/script.ts'
import { durationArgument } from './arguments.ts'

export const description = 'starts services, for all later commands on all machines'

export const schema = v.strictObject({
  names: v.pipe(
    v.array(v.pipe(v.string(), v.nonEmpty(), v.metadata({ format: 'service' }))),
    v.nonEmpty(),
    v.description('names of services of the config, or of bundled fixtures if the config has no services'),
  ),
  timeout: durationArgument('limit for the start of all', `${defaultTimeoutMs / 1_000}s`),
})

export default async function services(
  context: WorkflowContext,
  { names, timeout }: v.InferOutput<typeof schema>,
): Promise<void> {
  await context.services(names, { timeoutMs: timeout })
}
