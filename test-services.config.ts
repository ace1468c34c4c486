import { librarian } from './fixtures/librarian/index.ts'
import { postgres } from './fixtures/postgres/index.ts'
import { defineConfig } from './src/index.ts'

/** What `make run` holds: the development instances, on fixed ports, with data that is kept. */
export default defineConfig({
  services: {
    postgres: postgres(),
    librarian: librarian(),
  },
  environment: ({ postgres, librarian }) => ({ DATABASE_URL: postgres.url, LIBRARIAN_URL: librarian.url }),
  profiles: {
    development: {
      postgres: { port: 15432, dataDirectory: '.data/postgres' },
      librarian: { port: 15480, storageDirectory: '.data/librarian' },
    },
  },
})
