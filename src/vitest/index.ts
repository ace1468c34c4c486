export { type TestServicesOptions, type TestServicesPlugin, testServices } from './plugin.ts'
export { type ServiceFixtures, serviceFixtures } from './service-fixtures.ts'
export { type UseServiceOptions, useService } from './use-service.ts'
