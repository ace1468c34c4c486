import { testServices } from 'test-services/vitest'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [testServices()],
  test: { globalSetup: './hang.ts', hookTimeout: 10, reporters: ['default', './reporter.ts'] },
})
