import type { ActionPlan } from '../action/action-plan.ts'
import type { VariableLayer } from '../action/workspace/variable-changes.ts'
import type { WorkspaceOptions } from '../action/workspace/workspace.ts'
import type { EnvironmentDefinition } from './entered-environment.ts'
import type { SessionEvent } from './events.ts'
import type { Definitions, ServiceSetOptions } from './service-registry.ts'

export interface SessionOptions<D extends Definitions>
  extends Omit<ServiceSetOptions<D>, 'services'>,
    WorkspaceOptions {
  /** Default: none. */
  readonly services?: D | undefined
  /** Name of the session, also part of the directory's name. Default: random. */
  readonly id?: string | undefined
  /** Called with every event; an error of the listener becomes a warning. */
  readonly onEvent?: ((event: SessionEvent) => void) | undefined
  /** Ends the session when fired. */
  readonly signal?: AbortSignal | undefined
  /** Whether the session stays ready after an unsuccessful action. Default: false; only exits can run then. */
  readonly continuesAfterFailure?: boolean | undefined
}

/** One action among the entered services and environments. */
export interface SessionAction extends ActionPlan {
  /** Name for messages and the log. Default: `action`. */
  readonly name?: string | undefined
  /** Variables above the session's and below the entered environments'; `null` unsets. */
  readonly variables?: VariableLayer | undefined
  /** Leaves out the variables of the entered environments. Default: false. */
  readonly ignoresEnvironments?: boolean | undefined
  /** Cancels the action. */
  readonly signal?: AbortSignal | undefined
}

/** Options of one call, for the call's action. */
export interface CallOptions {
  /** Variables for the action alone, above the session's and below the environments'; `null` unsets. */
  readonly callVariables?: VariableLayer | undefined
  /** Cancels the action. */
  readonly signal?: AbortSignal | undefined
}

export interface EnterEnvironmentOptions extends EnvironmentDefinition, CallOptions {}

export interface ExitEnvironmentOptions extends CallOptions {
  readonly id: string
}
