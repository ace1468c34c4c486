import { testServices } from 'test-services/vitest'
import { defineConfig } from 'vitest/config'

export default defineConfig({ plugins: [testServices()], test: { maxWorkers: 4 } })
