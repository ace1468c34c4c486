// A Postgres with its data on disk.
import { defineConfig } from 'test-services'
import { postgres } from 'test-services/fixtures/postgres'

export default defineConfig({ services: { db: postgres({ placement: 'disk' }) } })
