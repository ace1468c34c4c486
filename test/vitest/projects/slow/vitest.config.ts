import { testServices } from 'test-services/vitest'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [testServices()],
  test: { maxWorkers: 1, testTimeout: 2_000, hookTimeout: 2_000 },
})
