/** The door `test-services/pool`: for programs that give tests to machines. */

export type { ConfigInput } from './config/define-config.ts'
export type { TransportOptions } from './config/transport-options.ts'
export { parseContext } from './fmf/context.ts'
export type { TestSearch } from './fmf/discover.ts'
export { type FmfNodeData, type FmfSearch, fmfList } from './fmf/fmf-list.ts'
export { ControlError, type ErrorCode, ResultsError, TestServicesError, TransportError } from './kernel/errors.ts'
export type { ServiceEvidence } from './kernel/service-evidence.ts'
export { Durations } from './pool/durations.ts'
export { type ContainerMachinesOptions, containerMachines } from './pool/machines/container-machines.ts'
export { createProvisioner, type ReservationOptions } from './pool/machines/create-provisioner.ts'
export { type LocalMachinesOptions, localMachines } from './pool/machines/local-machines.ts'
export type { Machine, Provisioner } from './pool/machines/machine.ts'
export type { MachineMaker, MadeMachine } from './pool/machines/machine-maker.ts'
export { type HostOptions, type SshMachinesOptions, sshMachines } from './pool/machines/ssh-machines.ts'
export { Pool, type StopOptions } from './pool/pool.ts'
export type { MachineState, PoolEvent } from './pool/pool-event.ts'
export type { FinishedAttempt, PoolOptions } from './pool/pool-options.ts'
export { ArrayQueue, type ArrayQueueOptions } from './pool/queue/array-queue.ts'
export {
  type JoinedQueueOptions,
  joinQueue,
  type NewQueueOptions,
  openQueue,
  type QueueOptions,
} from './pool/queue/open-queue.ts'
export { queueStatus } from './pool/queue/queue-status.ts'
export type { QueuedRun, QueueHost, QueueStatus, SharedQueue, TestCounts } from './pool/queue/shared-queue.ts'
export type { GiveBackReason, TakenTest, TestQueue } from './pool/queue/test-queue.ts'
export type { MachineServices, ServicesFor } from './pool/services/machine-services.ts'
export { type ServicesOnMachineOptions, servicesOnMachine } from './pool/services/services-on-machine.ts'
export { type CommandTestOptions, commandTest } from './pool/tests/command-test.ts'
export { type FmfTests, type FmfTestsOptions, fmfTests } from './pool/tests/fmf-tests.ts'
export { makeTest } from './pool/tests/make-test.ts'
export type { AttemptEnd, AttemptLimit, PoolTest, RunningAttempt } from './pool/tests/pool-test.ts'
export type { TestOptions } from './pool/tests/test-options.ts'
export { type VitestFilesOptions, vitestFiles } from './pool/tests/vitest-test.ts'
export type { Ended } from './process/ended.ts'
export type { LogFile } from './process/log-file.ts'
export type { Network } from './proxy/network.ts'
export { type ReportOptions, type WrittenReport, writeReport } from './report/write-report.ts'
export type { AttemptSink, BegunAttempt, ResultSink, RunOutcome, RunSummary } from './results/result-sink.ts'
export { createResults, type ResultsDirectory } from './results/results-directory.ts'
export type {
  AttemptRow,
  AttemptState,
  MachineRow,
  ReportedFile,
  ReportedResult,
  ResultRow,
  ResultStatus,
  ServiceRow,
} from './results/rows.ts'
export type { NewResults } from './results/run-record.ts'
export type { ConfigOf, ConfigsOf, ServiceDefinition } from './service/definition.ts'
export type { ExternalService } from './service/external-service.ts'
export type { RestartPolicy, ServiceHealth } from './service/instance/health-check.ts'
export type { InstanceFiles } from './service/instance/instance-files.ts'
export type { VariableValues } from './service/options/made-variables.ts'
export type { Diagnosis } from './service/server/diagnosis.ts'
export type { ServiceOptions } from './service/service-options.ts'
export type { SetUpOptions } from './service/set-up-options.ts'
export type { Definitions } from './session/service-registry.ts'
export type { ServiceStart } from './session/service-start.ts'
export { inContainer } from './transport/container.ts'
export type { ContainerOptions } from './transport/container-options.ts'
export { local } from './transport/local.ts'
export type { SshOptions } from './transport/ssh/ssh-options.ts'
export { ssh } from './transport/ssh.ts'
export type { ControlDescriptor, Exposed, RunOptions, Sink, TransferOptions, Transport } from './transport/transport.ts'
