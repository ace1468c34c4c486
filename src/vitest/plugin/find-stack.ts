import { dirname, resolve } from 'node:path'
import type { TestProject } from 'vitest/node'
import { type Config, checkConfig } from '../../config/define-config.ts'
import { findConfig } from '../../config/find-config.ts'
import { readConfig } from '../../config/read-config.ts'
import { findStack, type Stack } from '../../config/stack.ts'
import { defaultPrefix } from '../../service/variables.ts'
import type { TestServicesOptions } from './plugin.ts'

/**
 * The services that a project's plugin asks for. A config file is loaded by Vite, as the workers load it: aliases and
 * plugins apply, and no second compiler of TypeScript is registered in Vitest's process.
 *
 * @throws ERR_CONFIG naming the file and what is wrong in it
 */
export async function findProjectStack(project: TestProject, options: TestServicesOptions): Promise<Stack> {
  const { root } = project.config
  const { config, services: names = [] } = options
  if (typeof config === 'object') {
    const project = 'testServices({ config })'
    return stackOf(checkConfig(config, project), project, { directory: root, names })
  }
  const file = config === undefined ? findConfig(root) : resolve(root, config)
  if (file === undefined) return findStack({ directory: root, names })
  const checked = await readConfig(file, async (path) => (await project.import<{ default?: unknown }>(path)).default)
  return stackOf(checked, file, { directory: dirname(file), names })
}

function stackOf(config: Config, project: string, { directory, names }: Pick<Stack, 'directory' | 'names'>): Stack {
  return { config, project, directory, names, prefix: config.prefix ?? defaultPrefix }
}
