export { type TestServicesOptions, type TestServicesPlugin, testServices } from './plugin.ts'
export { type ServiceFixtures, serviceFixtures } from './service-fixtures.ts'
export { useService } from './use-service.ts'
export type { UseServiceOptions } from './use-service-options.ts'
