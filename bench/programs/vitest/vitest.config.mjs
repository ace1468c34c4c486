import { testServices } from 'test-services/vitest'
import { defineConfig } from 'vitest/config'

/** Files with isolation, one after the other, each in its own worker. */
const test = { pool: 'forks', fileParallelism: false, include: [process.env.BENCH_FILES] }

export default defineConfig({ plugins: process.env.BENCH_FILES.includes('bare') ? [] : [testServices()], test })
