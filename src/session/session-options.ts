import type { ActionPlan } from '../action/action-plan.ts'
import type { VariableLayer } from '../action/variable-changes.ts'
import type { WorkspaceOptions } from '../action/workspace.ts'
import type { Definitions, ServiceSetOptions } from './catalogue.ts'
import type { EnvironmentDefinition } from './entered-environment.ts'
import type { SessionListener } from './events.ts'

export interface SessionOptions<D extends Definitions>
  extends Omit<ServiceSetOptions<D>, 'services'>,
    WorkspaceOptions {
  /** Default: none. */
  readonly services?: D | undefined
  /** Names the session, in the name of its directory too. Default: a random name. */
  readonly id?: string | undefined
  /** Hears what happens; what it throws is ignored. */
  readonly onEvent?: SessionListener | undefined
  /** Ends the session when it fires. */
  readonly signal?: AbortSignal | undefined
  /** An action that does not succeed leaves the session ready for others. Default: only exits run after it. */
  readonly continuesAfterFailure?: boolean | undefined
}

/** One action among the entered services and environments. */
export interface SessionAction extends ActionPlan {
  /** For messages and the log. Default: `action`. */
  readonly name?: string | undefined
  /** Above the session's, below those of the entered environments; `null` unsets. */
  readonly variables?: VariableLayer | undefined
  /** Without the variables of the entered environments. Default: false. */
  readonly ignoresEnvironments?: boolean | undefined
  /** Cancels it. */
  readonly signal?: AbortSignal | undefined
}

/** What holds for the action of one call. */
export interface CallOptions {
  /** For this action alone: above the session's, below those of the environments; `null` unsets. */
  readonly callVariables?: VariableLayer | undefined
  /** Cancels its action. */
  readonly signal?: AbortSignal | undefined
}

export interface EnterEnvironmentOptions extends EnvironmentDefinition, CallOptions {}

export interface ExitEnvironmentOptions extends CallOptions {
  readonly id: string
}

export interface ServiceChoice {
  /** Default: all that are up. */
  readonly only?: readonly string[] | undefined
}

export interface EndOptions {
  /** Nobody wants to wait any more, once it fires. */
  readonly hurry?: AbortSignal | undefined
}
