import { command, defineConfig, ready } from 'test-services'
import { postgres } from 'test-services/fixtures/postgres'

export default defineConfig({
  services: {
    db: postgres({ template: { files: ['schema.sql'] } }),
    api: command({
      command: ['node', 'server.js'],
      needs: ['db'],
      environment: ({ db }) => ({ DATABASE_URL: db.url }),
      ready: ready.http('/healthz'),
    }),
  },
  environment: ({ db }) => ({ DATABASE_URL: db.url }),
})
