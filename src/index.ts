/** The door `test-services`: for users. */

export type { ActionContext, ActionPlan, Argv, Endpoint } from './action/action-plan.ts'
export type { Cancelation } from './action/cancelation.ts'
export type { EmbeddedFile } from './action/embedded-files.ts'
export { type Config, type ConfigInput, defineConfig } from './config/define-config.ts'
export { type StackOptions, type StartOptions, start } from './config/start.ts'
export type { StartedStack } from './config/started-stack.ts'
export type { TransportOptions } from './config/transport-options.ts'
export { type ErrorCode, ServiceError, TestServicesError } from './kernel/errors.ts'
export type { ServiceEvidence } from './kernel/service-evidence.ts'
export type { StopLadder } from './process/stop-ladder.ts'
export type { Network } from './proxy/network.ts'
export * as ready from './ready.ts'
export {
  type CommandConfig,
  type CommandOptions,
  command,
  type NeededConfigs,
} from './service/command/command.ts'
export type { ConfigOf, ConfigsOf, ServiceDefinition, ServiceOf } from './service/definition.ts'
export type { ExternalService } from './service/external-service.ts'
export type { HealthCheck, RestartPolicy, ServiceHealth } from './service/instance/health-check.ts'
export type { InstanceFiles } from './service/instance/instance-files.ts'
export type { Notice } from './service/instance/notice.ts'
export type { VariableValues } from './service/options/made-variables.ts'
export { type ScriptOptions, script } from './service/script/script.ts'
export type { ScriptConfig } from './service/script/script-config.ts'
export type { ScriptPort } from './service/script/service-ports.ts'
export type { Diagnosis } from './service/server/diagnosis.ts'
export type { ServiceOptions } from './service/service-options.ts'
export type { SetUpOptions } from './service/set-up-options.ts'
export type { ServiceEvent } from './session/events.ts'
export type { Definitions } from './session/service-registry.ts'
