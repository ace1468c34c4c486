// A Postgres that keeps its data in development.
import { defineConfig } from 'test-services'
import { postgres } from 'test-services/fixtures/postgres'

export default defineConfig({
  services: { db: postgres() },
  profiles: { development: { db: { dataDirectory: '.data/db' } } },
})
