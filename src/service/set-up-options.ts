import type { Deadline } from '../kernel/deadline.ts'
import type { HealthChange } from './health-check.ts'
import type { InstanceMode, Progress } from './instance.ts'

/** For a whole start, unless told otherwise. */
export const defaultTimeoutMs = 60_000

export interface SetUpOptions {
  /** Attach to the running instance that `LP_<LABEL>_*` names, with a slice of its own. Default: false. */
  readonly useExisting?: boolean | undefined
  /** `false`: the configured instance of the profile. Default: true, an instance that nobody else has. */
  readonly uniqueInstance?: boolean | undefined
  /** Gives up, undoes everything, and throws. */
  readonly signal?: AbortSignal | undefined
  /** Skips the graces, once it fires, while a set-up that fails is undone. */
  readonly hurry?: AbortSignal | undefined
  /** For the whole start, in milliseconds; `Infinity` for no limit. Default: 60,000. */
  readonly timeoutMs?: number | undefined
  /** Of the start that this one is a part of. Default: one of its own, by `timeoutMs`. */
  readonly deadline?: Deadline | undefined
  /** The configs of the services that this one needs, by name. */
  readonly needs?: Readonly<Record<string, object>> | undefined
  /** How many clients will attach to it, for which a service may have something ready. Default: 0. */
  readonly expectedClients?: number | undefined
  /** Starts again what fails, as its `restartPolicy` allows. Default: false, a failure is an error. */
  readonly restarts?: boolean | undefined
  /** Hears each change of the state of a service that is watched, also after the start. */
  readonly onHealth?: ((change: HealthChange) => void) | undefined
  /** Hears how far it has come, from a service that says so. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

export function modeOf({ useExisting, uniqueInstance }: SetUpOptions): InstanceMode {
  if (useExisting) return 'attached'
  return uniqueInstance === false ? 'configured' : 'unique'
}
