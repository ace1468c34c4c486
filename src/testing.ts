/** The door `test-services/testing`: the cases that every fixture should pass. */

export type { LogFile } from './process/log-file.ts'
export type { Network } from './proxy/network.ts'
export type { ServiceDefinition, ServiceOf } from './service/definition.ts'
export type { ExternalService } from './service/external-service.ts'
export type { ServiceHealth } from './service/instance/health-check.ts'
export type { InstanceFiles } from './service/instance/instance-files.ts'
export type { Diagnosis } from './service/server/diagnosis.ts'
export type { ServiceOptions } from './service/service-options.ts'
export type { SetUpOptions } from './service/set-up-options.ts'
export { type Contract, type ContractCase, fixtureContract, type LeftOutCase } from './testing/contract.ts'
export type { ContractModule, ContractOptions, Dirt } from './testing/contract-options.ts'
