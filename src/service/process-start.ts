import type { Readiness } from '../readiness/readiness.ts'
import type { Launch } from './instance/launch.ts'

/** How to start a service of a main process and its children. */
export interface ProcessStart<Config> extends Launch {
  readonly readiness: Readiness
  /**
   * Proof of an answer from the started process. `listener`: the process owns the socket listening on `port`.
   * `readiness`: the readiness strategy asks over a private channel. Default: `listener`.
   */
  readonly identityProof?: 'listener' | 'readiness'
  readonly config: Config
}
