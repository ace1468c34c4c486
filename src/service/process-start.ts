import type { Readiness } from '../readiness/readiness.ts'
import type { Launch } from './instance/launch.ts'

/** How to start a service of one process and its children. */
export interface ProcessStart<Config> extends Launch {
  readonly readiness: Readiness
  /**
   * Proof that our own process answers. `listener`: our process owns the socket listening on `port`. `readiness`: the
   * readiness strategy asks over a private channel. Default: `listener`.
   */
  readonly identityProof?: 'listener' | 'readiness'
  readonly config: Config
}
