// A service that is never ready, and ends at SIGTERM.
import { command, defineConfig, ready } from 'test-services'

export default defineConfig({
  services: { mule: command({ command: ['sleep', '600'], port: false, ready: ready.log('never') }) },
})
