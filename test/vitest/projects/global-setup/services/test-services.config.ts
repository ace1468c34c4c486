import { command, defineConfig } from 'test-services'

export default defineConfig({
  services: { web: command({ command: ['node', 'server.js'] }) },
  environment: ({ web }) => ({ WEB_URL: web.url }),
})
