import { defineConfig } from 'test-services'
import { redis } from 'test-services/fixtures/redis'
import { settings } from './settings.ts'

export default defineConfig({
  services: { cache: redis({ settings }) },
  environment: { CACHE_URL: ({ cache }) => cache.url },
})
