import { defineConfig } from 'vitest/config'

export default defineConfig({ test: { maxWorkers: 1, testTimeout: 3_000, hookTimeout: 3_000 } })
