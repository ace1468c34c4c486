export type { ServiceDefinition, ServiceOf } from './service/definition.ts'
export type { ExternalService } from './service/external-service.ts'
export { type Contract, type ContractCase, fixtureContract, type LeftOutCase } from './testing/contract.ts'
export type { ContractModule, ContractOptions, Dirt } from './testing/contract-options.ts'
