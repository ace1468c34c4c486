import { readdirSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { isExhaustive } from './test/support/repeats.ts'

const shared = { pool: 'forks', testTimeout: 30_000, hookTimeout: 60_000 } as const

/** Tests that repeat the same work: some of it in `make test`, all of it in `make test-exhaustive`. */
const repeating = readdirSync(`${import.meta.dirname}/test`, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => `test/${name}`)
  .filter((file) => readFileSync(`${import.meta.dirname}/${file}`, 'utf8').includes("/support/repeats.ts'"))

/** Tests that show nothing in a short time, or need the machine for themselves. */
const long = ['test/faults/load.test.ts', 'test/faults/soak.test.ts']

const everyday = [
  {
    test: {
      ...shared,
      name: 'unit',
      include: ['test/**/*.test.ts'],
      exclude: ['test/stories/**', 'test/faults/**', 'test/programs/**', 'test/vitest/projects/**'],
    },
  },
  { test: { ...shared, name: 'stories', include: ['test/stories/**/*.test.ts'] } },
  { test: { ...shared, name: 'faults', include: ['test/faults/**/*.test.ts'], exclude: long } },
]

const exhaustive = [{ test: { ...shared, name: 'exhaustive', include: [...new Set([...repeating, ...long])] } }]

/** Vitest 4 no longer reads this file by itself: `vitest run --config vitest.workspace.ts`. */
export default defineConfig({
  test: {
    globalSetup: 'test/package.ts',
    maxWorkers: 2,
    reporters: ['default', './test/support/rerun-reporter.ts'],
    projects: isExhaustive ? exhaustive : everyday,
  },
})
