import type { Config } from '../../config/define-config.ts'
import { defaultPrefix } from '../../service/instance/variables.ts'

/** `each` resets the services of a slot before every test, `used` only before the tests that use the services. */
type ResetMode = 'each' | 'used'

/** Data about a stack of the main process, for the workers. */
export interface ProvidedStack {
  readonly id: string
  /** Equal to the signature of a worker's config if both configs are the same. */
  readonly signature: string
  readonly prefix: string
  /** Base directory of relative paths in the services' options. */
  readonly directory: string
  readonly reset: ResetMode
}

/** Data that the main process provides to the workers of a project. */
export interface RunContext {
  /** The unix socket on which the main process answers. */
  readonly socket: string
  readonly stacks: readonly ProvidedStack[]
}

declare module 'vitest' {
  interface ProvidedContext {
    'test-services'?: RunContext
  }
}

/** Returns a text that is equal for all copies of a config: each project and each worker loads a copy of its own. */
export function signatureOf({ services, prefix = defaultPrefix }: Pick<Config, 'services' | 'prefix'>): string {
  return JSON.stringify([prefix, Object.entries(services).map(([name, { kind, needs }]) => [name, kind, needs])])
}
