import type { ActionStatus } from '../action/action-plan.ts'
import type { LogLevel } from '../action/output/message.ts'
import type { VariableLayer } from '../action/workspace/variable-changes.ts'
import { monotonicMs } from '../kernel/clock.ts'
import { asError, CanceledError } from '../kernel/errors.ts'
import type { HealthChange } from '../service/instance/health-check.ts'
import type { Progress } from '../service/instance/set-up-context.ts'
import type { EventChannel } from './event-channel.ts'
import type { SessionState } from './session-state.ts'

/** Event in the life of a session's service. `tookMs` counts from the beginning of the start or stop. */
export type ServiceEvent =
  | { readonly kind: 'starting'; readonly service: string }
  /** `warning` describes the limits of the service on this machine. */
  | { readonly kind: 'ready'; readonly service: string; readonly tookMs: number; readonly warning?: string }
  | { readonly kind: 'failed'; readonly service: string; readonly tookMs: number; readonly reason: string }
  /** Given up because a different service failed, or because the caller gave up. */
  | { readonly kind: 'canceled'; readonly service: string; readonly tookMs: number; readonly reason: string }
  /** Progress reported by the starting service. */
  | ({ readonly kind: 'progress'; readonly service: string } & Progress)
  /** Ended after being ready, without a request from us; `reason` has the end of the log. */
  | { readonly kind: 'died'; readonly service: string; readonly reason: string }
  /**
   * The health of a watched service has changed; `restart` means that the service is being restarted, or ready again.
   */
  | ({ readonly kind: 'health'; readonly service: string } & HealthChange)
  | { readonly kind: 'stopping'; readonly service: string }
  | { readonly kind: 'stopped'; readonly service: string; readonly tookMs: number }

/** Event of a session, with secrets replaced. */
export type SessionEvent =
  | ServiceEvent
  | { readonly kind: 'session'; readonly state: SessionState }
  /** The state, progress or message of an action has changed. */
  | { readonly kind: 'action'; readonly action: string; readonly status: ActionStatus }
  /** Output of an action: whole lines, without line breaks. */
  | { readonly kind: 'output'; readonly action: string; readonly lines: readonly string[] }
  /** An action did not succeed, so the log of the ending session is kept in this file. */
  | { readonly kind: 'log'; readonly file: string }
  /** An action asks for our own log lines of this level and above. */
  | { readonly kind: 'loglevel'; readonly action: string; readonly level: LogLevel }
  /** Variables changed by an environment's action; `null` for unset. */
  | { readonly kind: 'variables'; readonly environment: string; readonly changes: VariableLayer }

export type SessionListener = (event: SessionEvent) => void

/** The start or the stop of a service, with the events at its begin and its end. */
interface Phase {
  readonly service: string
  readonly begin: 'starting' | 'stopping'
  readonly end: 'ready' | 'stopped'
  /** Added to the event at the end. */
  readonly warning?: string | undefined
}

/** Does the work of a phase, and emits its events; `canceled` or `failed` if the work throws. */
export async function emitPhase(
  events: EventChannel<SessionEvent>,
  { service, begin, end, warning }: Phase,
  work: () => Promise<void>,
): Promise<void> {
  const startedAt = monotonicMs()
  const tookMs = (): number => monotonicMs() - startedAt
  events.emit({ kind: begin, service })
  try {
    await work()
  } catch (thrown) {
    const kind = thrown instanceof CanceledError ? 'canceled' : 'failed'
    events.emit({ kind, service, tookMs: tookMs(), reason: asError(thrown).message })
    throw thrown
  }
  events.emit({ kind: end, service, tookMs: tookMs(), ...(warning !== undefined && { warning }) })
}
