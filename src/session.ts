/** The door `test-services/session`: for programs that hold a session of their own. */

export type { CancelOptions } from './action/action.ts'
export type { ActionContext, ActionPlan, ActionStatus, Argv, Endpoint } from './action/action-plan.ts'
export type { ActionState } from './action/action-state.ts'
export type { Cancelation } from './action/cancelation.ts'
export type { EmbeddedFile } from './action/embedded-files.ts'
export type { LogLevel } from './action/output/message.ts'
export type { PathMappingRule } from './action/workspace/path-mapping.ts'
export type { VariableLayer } from './action/workspace/variable-changes.ts'
export type { Config, ConfigInput } from './config/define-config.ts'
export { type LoadedConfig, loadConfig } from './config/load-config.ts'
export type { TransportOptions } from './config/transport-options.ts'
export { ActionError, type ErrorCode } from './kernel/errors.ts'
export type { ServiceEvidence } from './kernel/service-evidence.ts'
export type { Ended } from './process/ended.ts'
export type { LogFile } from './process/log-file.ts'
export type { Network } from './proxy/network.ts'
export type { ConfigOf, ConfigsOf, ServiceDefinition } from './service/definition.ts'
export type { ExternalService } from './service/external-service.ts'
export type { RestartPolicy, ServiceHealth } from './service/instance/health-check.ts'
export type { InstanceFiles } from './service/instance/instance-files.ts'
export type { VariableValues } from './service/options/made-variables.ts'
export type { Diagnosis } from './service/server/diagnosis.ts'
export type { ServiceOptions } from './service/service-options.ts'
export type { SetUpOptions } from './service/set-up-options.ts'
export type { EnvironmentDefinition } from './session/entered-environment.ts'
export type { EnvironmentOption } from './session/environment.ts'
export type { ServiceEvent, SessionEvent } from './session/events.ts'
export type { SessionCommand } from './session/run-command.ts'
export type { Definitions } from './session/service-registry.ts'
export type { EnterOptions } from './session/service-set.ts'
export { Session } from './session/session.ts'
export type {
  CallOptions,
  EnterEnvironmentOptions,
  ExitEnvironmentOptions,
  SessionAction,
  SessionOptions,
} from './session/session-options.ts'
export type { SessionState } from './session/session-state.ts'
