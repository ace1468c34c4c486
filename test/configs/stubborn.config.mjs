// A service that says that it was told to stop, and is killed soon after.
import { defineConfig } from 'test-services'
import { mule } from './hangs.config.mjs'

export default defineConfig({ services: { mule: mule(300) } })
