import { testServices } from 'test-services/vitest'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [testServices()],
  test: { maxWorkers: 1, testTimeout: 3_000, hookTimeout: 3_000 },
})
