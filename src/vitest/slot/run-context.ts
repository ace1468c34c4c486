import type { Config } from '../../config/define-config.ts'
import { defaultPrefix } from '../../service/variables.ts'

/** When the services of a slot are reset: before every test, or before the tests that use them. */
type ResetMode = 'each' | 'used'

/** A stack of the main process, as the workers know it. */
export interface ProvidedStack {
  readonly id: string
  /** Equal to that of a worker's config if both are the same config. */
  readonly signature: string
  readonly prefix: string
  /** Where relative paths of the services' options start. */
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

/** Returns a text that is equal for two copies of one config: each project and each worker loads its own. */
export function signatureOf({ services, prefix = defaultPrefix }: Pick<Config, 'services' | 'prefix'>): string {
  return JSON.stringify([prefix, Object.entries(services).map(([name, { kind, needs }]) => [name, kind, needs])])
}
