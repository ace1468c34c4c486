// A service that is never ready, and ignores SIGTERM.
import { defineConfig } from 'test-services'
import { mule } from './deaf.config.mjs'

export default defineConfig({ services: { mule: mule({ line: 'never' }) } })
