import { defineConfig } from 'vitest/config'

export default defineConfig({ test: { maxWorkers: 1, testTimeout: 2_000, hookTimeout: 2_000 } })
