import * as v from 'valibot'
import type { WorkflowContext } from '../script/script.ts'
import { environmentArgument, pathArgument, word } from './arguments.ts'
import { runPool, vitestConfig } from './pool-command.ts'

export const description = 'runs test files of a project with Vitest on this machine; its report is embedded'

export const schema = v.strictObject({
  files: v.optional(v.pipe(v.array(word), v.description('parts of paths, as for "vitest run"; default: all')), []),
  config: v.optional(pathArgument('config file of Vitest; begins in the directory of the project')),
  directory: v.optional(pathArgument('directory of the project; begins in the directory of the workflow'), '.'),
  parallel: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.description('files at the same time')), 1),
  environment: environmentArgument('variables of the tests'),
})

export default async function vitest(
  context: WorkflowContext,
  { files, config, directory, parallel, environment }: v.InferOutput<typeof schema>,
): Promise<void> {
  // The tests get the services of the workflow by its variables.
  const argv = [...files, ...vitestConfig(config), '--services', 'none', '--machines', `local=${parallel}`]
  await runPool(context, { argv, directory, environment })
}
