import type { Deadline } from '../kernel/deadline.ts'
import type { HealthChange } from './instance/health-check.ts'
import type { Progress, SetUpContext } from './instance/set-up-context.ts'

/** Default limit of a whole start. */
export const defaultTimeoutMs = 60_000

export interface SetUpOptions {
  /** Attaches to the running instance of `LP_<LABEL>_*`, as a new tenant. Default: false. */
  readonly useExisting?: boolean | undefined
  /** `true`: a new instance for this caller alone. `false`: the configured instance of the profile. Default: true. */
  readonly uniqueInstance?: boolean | undefined
  /** Gives up, undoes all steps, and throws. */
  readonly signal?: AbortSignal | undefined
  /** Once fired, skips the graces while undoing a failed set-up. */
  readonly forceSignal?: AbortSignal | undefined
  /** Limit of the whole start, in milliseconds; `Infinity` for no limit. Default: 60,000. */
  readonly timeoutMs?: number | undefined
  /**
   * Puts a proxy in front of the new instance, for faults by `service.network`. The config names the proxy. Default:
   * false.
   */
  readonly network?: boolean | undefined
  /** The configs of the needed services, by name. */
  readonly needs?: Readonly<Record<string, object>> | undefined
  /** Number of clients expected to attach, so that the service can prepare resources. Default: 0. */
  readonly expectedClients?: number | undefined
}

/** Options for the services of a session. */
export interface SessionSetUpOptions extends SetUpOptions {
  /** Deadline of the session's start. Default: a new deadline, by `timeoutMs`. */
  readonly deadline?: Deadline | undefined
  /** Values shared by the services of the session, by name. Default: the service shares none. */
  readonly shared?: Map<string, unknown> | undefined
  /** Restarts a failed service within the limits of its `restartPolicy`. Default: false, a failure is an error. */
  readonly restarts?: boolean | undefined
  /** Called with each change of a watched service's health, also after the start. */
  readonly onHealth?: ((change: HealthChange) => void) | undefined
  /** Called with the progress of the start, if reported by the service. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

export function modeOf({ useExisting, uniqueInstance }: SetUpOptions): SetUpContext['mode'] {
  if (useExisting) return 'attached'
  return uniqueInstance === false ? 'configured' : 'unique'
}
