import * as v from 'valibot'
import type { WorkflowContext } from '../script/script.ts'
import { chosenTransports, environmentArgument, pathArgument, transportArgument } from './arguments.ts'
import { runOrFail } from './run-or-fail.ts'

export const description = 'runs commands; the first one that fails ends the step'

const command = v.union([v.pipe(v.string(), v.nonEmpty()), v.pipe(v.array(v.string()), v.nonEmpty())])

export const schema = v.strictObject({
  commands: v.pipe(
    v.array(command),
    v.nonEmpty(),
    v.description('each a line for "sh -c", or a list: a program with its arguments'),
  ),
  transport: transportArgument,
  directory: v.optional(pathArgument('directory on the machine; default: the directory of the step')),
  environment: environmentArgument('variables for these commands'),
})

type Arguments = v.InferOutput<typeof schema>

export default async function run(context: WorkflowContext, args: Arguments): Promise<void> {
  const { commands, transport: chosen, ...options } = args
  for (const transport of chosenTransports(chosen))
    for (const each of commands) await runOrFail(context, each, { ...options, transport })
}
