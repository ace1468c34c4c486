import { command, defineConfig, script } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'
import { type PostgresConfig, postgres } from 'test-services/fixtures/postgres'
import { testServices } from 'test-services/vitest'

export const config = defineConfig({
  services: {
    db: postgres({ openConnections: 'refuse' }),
    files: librarian(),
    api: command({ command: ['api'], needs: ['db'], environment: ({ db }) => ({ DATABASE_URL: db.url, LEVEL: 3 }) }),
    worker: command({
      command: ['worker'],
      needs: ['db'],
      environment: ({ db }: { db: PostgresConfig }) => ({ PGPORT: db.port }),
    }),
    other: script({ onEnter: { command: ['other'] } }),
  },
  environment: ({ db }) => ({ PGDATABASE: db.database }),
})
export const plugin = testServices({ config })
