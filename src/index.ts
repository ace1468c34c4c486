export type { CancelOptions } from './action/action.ts'
export type { ActionContext, ActionPlan, ActionStatus, Argv, Endpoint, Endpoints } from './action/action-plan.ts'
export type { ActionState } from './action/action-state.ts'
export type { Cancelation } from './action/cancelation.ts'
export type { EmbeddedFile, EmbeddedFiles, FilePaths } from './action/embedded-files.ts'
export { type ExecuteOptions, execute } from './action/execute.ts'
export type { PathMappingRule } from './action/workspace/path-mapping.ts'
export type { VariableLayer } from './action/workspace/variable-changes.ts'
export { type Config, type ConfigInput, defineConfig } from './config/define-config.ts'
export { type LoadedConfig, loadConfig } from './config/load-config.ts'
export { type StackOptions, type StartOptions, start } from './config/start.ts'
export type { StackControl, StartedStack } from './config/started-stack.ts'
export { type CacheEntryOptions, cacheEntry } from './host/cache.ts'
export { cacheDirectory } from './host/cache-directory.ts'
export { useEntry } from './host/cache-use.ts'
export { copyTree } from './host/copy-tree.ts'
export { findMemoryDirectory, type MemoryDirectory } from './host/memory-directory.ts'
export { canOverlay, type Overlay, overlaidCommand } from './host/overlay.ts'
export { packageDirectory, packageProgram, reclaimModule } from './host/package-program.ts'
export { canReach, giveTo, reachableDirectory } from './host/reach.ts'
export { randomName, randomPassword } from './host/secret.ts'
export {
  type UnprivilegedAccount,
  type UnprivilegedCommand,
  unprivilegedAccount,
  unprivilegedCommand,
} from './host/unprivileged.ts'
export { monotonicMs, timestamp } from './kernel/clock.ts'
export { Deadline, sleep } from './kernel/deadline.ts'
export {
  ActionError,
  AlreadyRunningError,
  asError,
  CanceledError,
  CommandError,
  ConfigError,
  CycleError,
  DeadlineError,
  type ErrorCode,
  hasCode,
  LeftBehindError,
  MissingBinaryError,
  NotRunningError,
  ServiceError,
  type ServiceEvidence,
  StateDirectoryError,
  StateError,
  TestServicesError,
  UsageError,
} from './kernel/errors.ts'
export { allSettledOrThrow } from './kernel/settled.ts'
export type { Ended } from './process/ended.ts'
export { LogFile } from './process/log-file.ts'
export { ownEnvironment } from './process/own-environment.ts'
export { removeSharedMemory } from './process/shared-memory.ts'
export { applicationLadder, immediateLadder, type StopLadder, type StopStep } from './process/stop-ladder.ts'
export { all, probe } from './readiness/compose.ts'
export { exec } from './readiness/exec.ts'
export { type HttpReadinessOptions, http } from './readiness/http.ts'
export { log } from './readiness/log.ts'
export type { Readiness, ReadinessTarget } from './readiness/readiness.ts'
export { socket, tcp } from './readiness/tcp.ts'
export {
  type CommandConfig,
  type CommandOptions,
  command,
  type NeededConfig,
  type NeededConfigs,
} from './service/command/command.ts'
export {
  type ConfigOf,
  type ConfigsOf,
  type DefinitionParts,
  defineService,
  type ServiceDefinition,
  type ServiceOf,
  type ServiceScope,
} from './service/definition.ts'
export { ExternalService } from './service/external-service.ts'
export type { Diagnosis } from './service/instance/diagnosis.ts'
export type { HealthChange, HealthCheck, RestartPolicy, ServiceHealth } from './service/instance/health-check.ts'
export type { InstanceFiles } from './service/instance/instance-files.ts'
export type { LogEntries, LogPosition } from './service/instance/log-excerpt.ts'
export { type InstanceMode, type Launch, SetUpContext } from './service/instance/set-up-context.ts'
export type { VariableValues } from './service/options/made-variables.ts'
export { parseOptions } from './service/options/parse-options.ts'
export { ProcessService, type ProcessStart } from './service/process-service.ts'
export { type ScriptOptions, type ScriptVariables, script } from './service/script/script.ts'
export type { ScriptConfig } from './service/script/script-config.ts'
export type { ScriptPort, ScriptPorts } from './service/script/service-ports.ts'
export type { ServiceOptions } from './service/service-options.ts'
export type { SetUpOptions } from './service/set-up-options.ts'
export type { EnvironmentDefinition } from './session/entered-environment.ts'
export type { ServiceEvent, SessionEvent, SessionListener } from './session/events.ts'
export type { SessionCommand } from './session/run-command.ts'
export type { Definitions } from './session/service-registry.ts'
export type { EnterOptions } from './session/service-set.ts'
export { Session } from './session/session.ts'
export type {
  CallOptions,
  EndOptions,
  EnterEnvironmentOptions,
  ExitEnvironmentOptions,
  ServiceChoice,
  SessionAction,
  SessionOptions,
} from './session/session-options.ts'
export type { SessionState } from './session/session-state.ts'
