import { StateError } from '../kernel/errors.ts'
import type { LogFile } from '../process/log-file.ts'

/** Facts that a readiness strategy may use. */
export interface ReadinessTarget {
  readonly log: LogFile
  /** Position in the log at which the present process began. Default: 0. */
  readonly logStart?: number | undefined
  /** Port on which the service was told to listen, if any. */
  readonly port?: number | undefined
  /** Working directory of the process: relative paths begin here. */
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
}

/**
 * Strategy that tells when a service is ready, as opposed to merely up. Strategies are values and compose with `all`.
 * `command()` asks the same question at every later `check`, so that it has to stay true while the service serves.
 */
export interface Readiness {
  /** For messages, after "waiting for": `HTTP 200 from /healthz`. */
  readonly description: string
  /** Advice for messages: the option to change if the service shows its readiness in a different way. */
  readonly advice?: string
  /** Pause between attempts, in milliseconds; default 1 rising to 25. */
  readonly intervalMs?: number
  /**
   * Makes one attempt: `true` means ready; `false` or an error means not yet. ERR_STATE and ERR_MISSING_BINARY end the
   * start at once.
   */
  probe(target: ReadinessTarget, signal: AbortSignal): Promise<boolean>
}

/**
 * Returns the given port, or the port that the service was told to use.
 *
 * @throws ERR_STATE if there is neither
 */
export function requirePort(port: number | undefined, target: ReadinessTarget): number {
  const chosen = port ?? target.port
  if (chosen === undefined)
    throw new StateError('this readiness strategy needs a port: none was given and the service has none')
  return chosen
}
