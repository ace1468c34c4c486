import type { Config } from '../../config/define-config.ts'
import { defaultPrefix } from '../../service/variables.ts'

/** When the services of a slot are reset: before every test, or before the tests that use them. */
type ResetMode = 'each' | 'used'

/** One stack that the plugin has brought up, as its workers know it. */
export interface ProvidedStack {
  readonly id: string
  /** Tells whether a config in a worker is the one of this stack. */
  readonly signature: string
  readonly prefix: string
  /** Where relative paths of the services' options start. */
  readonly directory: string
  readonly reset: ResetMode
}

/** What the workers of a project have to know of the main process. */
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

/** Is the same for two copies of one config: each project of a run, and each worker, loads its own. */
export function signatureOf({ services, prefix = defaultPrefix }: Pick<Config, 'services' | 'prefix'>): string {
  return JSON.stringify([prefix, Object.entries(services).map(([name, { kind, needs }]) => [name, kind, needs])])
}
