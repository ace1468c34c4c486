import { defineConfig } from 'vitest/config'

const shared = { pool: 'forks', testTimeout: 30_000, hookTimeout: 60_000 } as const

/** Vitest 4 no longer reads this file by itself: `vitest run --config vitest.workspace.ts`. */
export default defineConfig({
  test: {
    globalSetup: 'test/package.ts',
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/stories/**', 'test/faults/**', 'test/programs/**'],
        },
      },
      { test: { ...shared, name: 'stories', include: ['test/stories/**/*.test.ts'] } },
      { test: { ...shared, name: 'faults', include: ['test/faults/**/*.test.ts'] } },
    ],
  },
})
