import { dirname, resolve } from 'node:path'
import * as v from 'valibot'
import type { TestProject } from 'vitest/node'
import { type Config, checkConfig } from '../../config/define-config.ts'
import { findConfig } from '../../config/find-config.ts'
import { readConfig } from '../../config/read-config.ts'
import { findStack, type Stack } from '../../config/stack.ts'
import { ConfigError } from '../../kernel/errors.ts'
import { didYouMean } from '../../kernel/suggestion.ts'
import { defaultPrefix } from '../../service/instance/variables.ts'
import { parseOptions } from '../../service/options/parse-options.ts'
import type { TestServicesOptions } from './plugin.ts'

const optionsSchema = v.strictObject({
  config: v.optional(v.union([v.string(), v.looseObject({})])),
  services: v.optional(v.array(v.string())),
  reset: v.optional(v.picklist(['each', 'used'])),
  timeoutMs: v.optional(v.number()),
})

/**
 * Returns the services that a project's plugin asks for. Vite loads the config file here, as in the workers: aliases
 * and plugins apply, and no second compiler of TypeScript is registered in Vitest's process.
 *
 * @throws ERR_CONFIG with the file and the mistake, or with the wrong option of the plugin
 */
export async function findProjectStack(project: TestProject, options: TestServicesOptions): Promise<Stack> {
  parseOptions(optionsSchema, options, 'testServices()')
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

/** @throws ERR_CONFIG for a name that is not in the config */
function stackOf(config: Config, project: string, { directory, names }: Pick<Stack, 'directory' | 'names'>): Stack {
  const known = Object.keys(config.services)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new ConfigError(
      `testServices().services: there is no service "${unknown}"${didYouMean(unknown, known)} in ${project}; ` +
        `expected one of ${known.join(', ')}`,
    )
  return { config, project, directory, names, prefix: config.prefix ?? defaultPrefix }
}
