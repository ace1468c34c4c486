import { dirname, resolve } from 'node:path'
import type { TestProject } from 'vitest/node'
import { checkConfig } from '../config/define-config.ts'
import { findConfig } from '../config/find-config.ts'
import { findStack, type Stack } from '../config/stack.ts'
import { asError, ConfigError, hasCode } from '../kernel/errors.ts'
import { defaultPrefix } from '../service/variables.ts'
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
  if (typeof config === 'object') return stackOf(config, 'testServices({ config })', { directory: root, names })
  const file = config === undefined ? findConfig(root) : resolve(root, config)
  if (file === undefined) return findStack({ directory: root, names })
  return stackOf(await importDefault(project, file), file, { directory: dirname(file), names })
}

function stackOf(value: unknown, project: string, { directory, names }: Pick<Stack, 'directory' | 'names'>): Stack {
  const config = checkConfig(value, project)
  return { config, project, directory, names, prefix: config.prefix ?? defaultPrefix }
}

async function importDefault(project: TestProject, file: string): Promise<unknown> {
  const module = await importModule(project, file)
  if (module.default !== undefined) return module.default
  throw new ConfigError(
    `the config file ${file} exports no config: write "export default defineConfig({ services: { … } })"`,
  )
}

async function importModule(project: TestProject, file: string): Promise<{ default?: unknown }> {
  try {
    return await project.import<{ default?: unknown }>(file)
  } catch (thrown) {
    const { message } = asError(thrown)
    const what = hasCode(thrown, 'ERR_CONFIG', 'ERR_CYCLE') ? message : `it cannot be loaded: ${message}`
    throw new ConfigError(`the config file ${file}: ${what}`, { cause: thrown })
  }
}
