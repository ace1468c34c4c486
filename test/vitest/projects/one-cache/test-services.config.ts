import { defineConfig } from 'test-services'
import { redis } from 'test-services/fixtures/redis'

export default defineConfig({ services: { cache: redis() } })
