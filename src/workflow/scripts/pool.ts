import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as v from 'valibot'
import type { WorkflowContext } from '../script/script.ts'
import { duration, pathArgument, word } from './arguments.ts'
import { runPool, vitestConfig } from './pool-command.ts'

export const description = 'gives tests to machines, as "test-services pool run" does; its report is embedded'

const texts = v.array(word)
const line = v.pipe(v.string(), v.regex(/^(?!\s*#).*\S.*$/, 'a line of text that does not begin with "#"'))
const count = v.pipe(v.number(), v.integer(), v.minValue(0))

export const schema = v.strictObject({
  machines: v.optional(
    v.pipe(v.union([word, texts]), v.description('such as [local=4, "ssh://user@host=2", "container:image=2"]')),
    'local=2',
  ),
  tests: v.optional(v.pipe(texts, v.description('parts of paths of Vitest files; with fmf, names of tests')), []),
  vitestConfig: v.optional(pathArgument('config file of Vitest; begins in the directory of the project')),
  commands: v.optional(v.pipe(v.array(line), v.description('a test for each command'))),
  fmf: v.optional(pathArgument('directory of an FMF tree; begins in the directory of the project')),
  context: v.optional(
    v.pipe(texts, v.description('by which the FMF tree is adjusted, such as [distro=fedora-33]')),
    [],
  ),
  filter: v.optional(v.pipe(texts, v.description('which FMF tests, such as ["tag: smoke"]')), []),
  condition: v.optional(v.pipe(texts, v.description('which FMF tests, such as ["tier == 1"]')), []),
  directory: v.optional(pathArgument('directory of the project; begins in the directory of the workflow'), '.'),
  services: v.optional(
    v.pipe(
      v.picklist(['own', 'shared', 'none']),
      v.description('whose the services of the config are: of each machine, of all, or none'),
    ),
    'own',
  ),
  reruns: v.optional(v.pipe(count, v.description('how often a test that failed is run again')), 0),
  spares: v.optional(v.pipe(count, v.description('how many machines wait to replace another')), 0),
  timeout: v.optional(v.pipe(duration, v.description('limit for one test: 90s, 15m, or a number of seconds'))),
})

type Arguments = v.InferOutput<typeof schema>

export default async function pool(context: WorkflowContext, args: Arguments): Promise<void> {
  const { machines, services, reruns, spares, timeout, tests, directory } = args
  const argv = [
    ...tests,
    ...['--machines', Array.isArray(machines) ? machines.join(',') : machines],
    ...['--services', services, '--reruns', `${reruns}`, '--spares', `${spares}`],
    ...(timeout === undefined ? [] : ['--timeout', `${timeout}ms`]),
    ...vitestConfig(args.vitestConfig),
    ...selection(context, args),
  ]
  await runPool(context, { argv, directory })
}

function selection(context: WorkflowContext, { commands, fmf, directory, ...search }: Arguments): string[] {
  if (commands !== undefined) return ['--commands', commandFile(context, commands)]
  if (fmf === undefined) return []
  const options = (['context', 'filter', 'condition'] as const).flatMap((name) =>
    search[name].length === 0 ? [] : [`--${name}`, ...search[name]],
  )
  return ['--fmf', resolve(context.directory, directory, fmf), ...options]
}

function commandFile({ artifacts }: WorkflowContext, commands: readonly string[]): string {
  const file = join(artifacts, 'commands.txt')
  writeFileSync(file, commands.map((command) => `${command}\n`).join(''))
  return file
}
