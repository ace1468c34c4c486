import { ConfigError } from '../kernel/errors.ts'
import { isServiceDefinition, type ServiceDefinition } from '../service/definition.ts'
import type { HolderRequest } from './held-instance.ts'

/**
 * Returns the definition that a module exports, or that an exported function returns.
 *
 * @throws ERR_CONFIG naming the exports of the module
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

/** Returns the exports. If a TypeScript module was compiled to CommonJS, they are properties of the default export. */
function exportsOf(module: unknown): Readonly<Record<string, unknown>> {
  const own = module as Readonly<Record<string, unknown>>
  const inner = Object(own.default) as Readonly<Record<string, unknown>>
  return '__esModule' in inner ? inner : own
}
