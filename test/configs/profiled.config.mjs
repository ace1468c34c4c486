// A service with a fixed port in a profile.
import { command, defineConfig } from 'test-services'

export default defineConfig({
  services: { web: command({ command: ['perl', 'server.pl'] }) },
  profiles: { development: { web: { port: 1 } } },
})
