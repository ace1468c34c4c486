import type { ActionStatus } from '../action/action-plan.ts'
import type { LogLevel } from '../action/message.ts'
import type { VariableLayer } from '../action/variable-changes.ts'
import type { HealthChange } from '../service/health-check.ts'
import type { Progress } from '../service/instance.ts'
import type { SessionState } from './session-state.ts'

/** What happens to a service of a session, for whoever shows it. Times are in milliseconds since its start or stop began. */
export type ServiceEvent =
  | { readonly kind: 'starting'; readonly service: string }
  | { readonly kind: 'ready'; readonly service: string; readonly tookMs: number }
  | { readonly kind: 'failed'; readonly service: string; readonly tookMs: number; readonly reason: string }
  /** Given up because another one failed, or because the caller gave up. */
  | { readonly kind: 'canceled'; readonly service: string; readonly tookMs: number; readonly reason: string }
  /** What it says of itself while it is starting. */
  | ({ readonly kind: 'progress'; readonly service: string } & Progress)
  /** Ended by itself, or by somebody else, after it was ready; the reason has the end of its log. */
  | { readonly kind: 'died'; readonly service: string; readonly reason: string }
  /** The state of a service that is watched has changed; with `restart` it is started again, or ready after that. */
  | ({ readonly kind: 'health'; readonly service: string } & HealthChange)
  | { readonly kind: 'stopping'; readonly service: string }
  | { readonly kind: 'stopped'; readonly service: string; readonly tookMs: number }

/** What happens in a session. Secrets in it are replaced. */
export type SessionEvent =
  | ServiceEvent
  | { readonly kind: 'session'; readonly state: SessionState }
  /** Each change of an action: its state, its progress, what it says. */
  | { readonly kind: 'action'; readonly action: string; readonly status: ActionStatus }
  /** What an action has written: whole lines, without their line breaks. */
  | { readonly kind: 'output'; readonly action: string; readonly lines: readonly string[] }
  /** The session is ending, and its log outlives it in this file, since an action did not succeed. */
  | { readonly kind: 'log'; readonly file: string }
  /** The action wants the session's own lines of this level and above. */
  | { readonly kind: 'loglevel'; readonly action: string; readonly level: LogLevel }
  /** What an environment's action has set, or unset by `null`. */
  | { readonly kind: 'variables'; readonly environment: string; readonly changes: VariableLayer }

export type SessionListener = (event: SessionEvent) => void
