import { StateError } from '../kernel/errors.ts'
import type { LogFile } from '../process/log-file.ts'

/** What a readiness strategy may look at. */
export interface ReadinessTarget {
  readonly log: LogFile
  /** Where the service was told to listen, when it was told. */
  readonly port?: number | undefined
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
}

/** When a service is ready, as opposed to merely up. Strategies are values and compose with `all`. */
export interface Readiness {
  /** For messages, after "waiting for": `HTTP 200 from /healthz`. */
  readonly description: string
  /** For messages: what to change where the service is ready otherwise. */
  readonly advice?: string
  /** How often to ask, in milliseconds; default 5 rising to 25. */
  readonly intervalMs?: number
  /** One attempt: `true` when ready; `false` or an error when not yet. */
  probe(target: ReadinessTarget, signal: AbortSignal): Promise<boolean>
}

/** The port to ask: the given one, else the one that the service was told to use. */
export function requirePort(port: number | undefined, target: ReadinessTarget): number {
  const chosen = port ?? target.port
  if (chosen === undefined)
    throw new StateError('this readiness strategy needs a port: none was given and the service has none')
  return chosen
}
