export { type TestServicesOptions, type TestServicesPlugin, testServices } from './plugin/plugin.ts'
export { type ServiceFixtures, serviceFixtures } from './worker/service-fixtures.ts'
export { useService } from './worker/use-service.ts'
export type { UseServiceOptions } from './worker/use-service-options.ts'
