export { default } from './test-services.config.ts'
