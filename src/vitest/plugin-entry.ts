export { type TestServicesOptions, type TestServicesPlugin, testServices } from './plugin/plugin.ts'
