// A Postgres with the default options.
import { defineConfig } from 'test-services'
import { postgres } from 'test-services/fixtures/postgres'

export default defineConfig({ services: { db: postgres() } })
