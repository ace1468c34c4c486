import { ConfigError } from '../kernel/errors.ts'
import { isServiceDefinition, type ServiceDefinition } from '../service/definition.ts'
import type { HolderRequest } from './held-instance.ts'

/**
 * Returns the exported definition of a module, or the definition from an exported function.
 *
 * @throws ERR_CONFIG with the exports of the module
 */
export function definitionIn(module: unknown, { url, name }: Pick<HolderRequest, 'url' | 'name'>): ServiceDefinition {
  const exports = exportsOf(module)
  const exported = exports[name]
  const definition: unknown = typeof exported === 'function' ? exported() : exported
  if (isServiceDefinition(definition)) return definition
  const names = Object.keys(exports).join(', ') || 'nothing'
  throw new ConfigError(
    `fixtureContract().module: the export "${name}" of ${url} is no definition, and no function that returns one; ` +
      `the module exports ${names}`,
  )
}

/** Returns the exports: for a TypeScript module compiled to CommonJS, the properties of the default export. */
function exportsOf(module: unknown): Readonly<Record<string, unknown>> {
  const own = module as Readonly<Record<string, unknown>>
  const inner = Object(own.default) as Readonly<Record<string, unknown>>
  return '__esModule' in inner ? inner : own
}
