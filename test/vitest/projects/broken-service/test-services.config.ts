import { type CommandOptions, command, defineConfig, ready } from 'test-services'

const serve = (options: Partial<CommandOptions> = {}) =>
  command({ command: [process.execPath, 'logs-requests.mjs'], ready: ready.http('/'), ...options })
const broken = (options: Partial<CommandOptions> = {}) =>
  command({ command: ['sh', '-c', 'echo no route to the moon; exit 3'], ...options })

export default defineConfig({
  services: {
    web: serve(),
    api: serve({ needs: ['web'] }),
    broken: broken({ needs: ['web'] }),
    ...(process.env.WITH_EARLY && { early: broken() }),
  },
})
