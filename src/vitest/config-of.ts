import type { Config } from '../config/define-config.ts'
import { findConfig } from '../config/find-config.ts'
import type { ServiceDefinition } from '../service/definition.ts'
import { labelOf } from '../service/label.ts'
import { toldConfigFile } from './run-context.ts'
import { runner } from './runner.ts'

/** In a worker: the project's config where this definition stands in it, loaded as the tests load it. */
export async function configOf({ name, kind }: ServiceDefinition, label: string): Promise<Config | undefined> {
  if (name === undefined || labelOf(name) !== label) return undefined
  const file = toldConfigFile(findConfig)
  if (file === undefined) return undefined
  const { default: config } = await runner().vi.importActual<{ default?: Config }>(file)
  return config?.services?.[name]?.kind === kind ? config : undefined
}
