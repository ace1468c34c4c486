export { execute } from './action/execute.ts'
export { findEngine } from './container/find-engine.ts'
export { requireImage } from './container/image.ts'
export { accountCacheDirectory, accountEntry } from './host/cache/account-entry.ts'
export { cacheDirectory } from './host/cache/cache-directory.ts'
export { useEntry } from './host/cache/cache-use.ts'
export { askControl, type ControlRequest } from './host/control-request.ts'
export { copyTree } from './host/files/copy-tree.ts'
export { findMemoryDirectory } from './host/files/memory-directory.ts'
export { optionalPeer } from './host/modules/optional-peer.ts'
export { moduleUrl, serverProgram } from './host/modules/package-program.ts'
export { canOverlay, type Overlay, overlaidCommand } from './host/overlay.ts'
export { canReach, giveTo, reachableDirectory, writeForServer } from './host/reach.ts'
export {
  type UnprivilegedAccount,
  type UnprivilegedCommand,
  unprivilegedAccount,
  unprivilegedCommand,
} from './host/unprivileged.ts'
export { timestamp } from './kernel/clock.ts'
export { sleep } from './kernel/deadline.ts'
export {
  AlreadyRunningError,
  asError,
  CanceledError,
  DeadlineError,
  MissingBinaryError,
} from './kernel/errors.ts'
export { lazy, lazyByKey } from './kernel/lazy.ts'
export { onAbort } from './kernel/on-abort.ts'
export { poll } from './kernel/poll.ts'
export { allSettledOrThrow } from './kernel/settled.ts'
export { timedStep, unlessOver } from './kernel/timed-step.ts'
export { Turns } from './kernel/turns.ts'
export { ignore, succeedsUnless, valueUnless } from './kernel/value-unless.ts'
export { ownEnvironment } from './process/own-environment.ts'
export { removeSharedMemory } from './process/shared-memory.ts'
export { AccountService } from './service/account-service.ts'
export { AnswerConnection } from './service/answer-connection.ts'
export { ClusterService } from './service/cluster-service.ts'
export type { InstanceResources } from './service/instance/instance-resources.ts'
export type { LogEntries } from './service/instance/log-excerpt.ts'
export { type ProfileOptions, portSchema, profileEntries } from './service/options/port-schema.ts'
export { oneLine, settingsSchema } from './service/options/settings-schema.ts'
export { diagnoseServer } from './service/server/diagnosis.ts'
export { findServer } from './service/server/find-server.ts'
export { versionOf } from './service/server/program-version.ts'
export { findMissing } from './service/server/requirements.ts'
export { serverEntries } from './service/server/server-options.ts'
export { openConnection, ServerConnection } from './service/server-connection.ts'
export type { SessionSetUpOptions } from './service/set-up-options.ts'
export {
  fillTemplate,
  notMade,
  type SqlTemplate,
  type TemplateRequest,
  type TemplateTarget,
  templateKey,
  templateSchema,
} from './service/sql-template.ts'
