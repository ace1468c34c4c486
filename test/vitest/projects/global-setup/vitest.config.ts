import { testServices } from 'test-services/vitest'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [testServices({ config: 'services/test-services.config.ts' })],
  test: { globalSetup: './seed.ts' },
})
