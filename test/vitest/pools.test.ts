import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

const count = 40

test('pools without a listener for errors live through resets: ended after each test, left open, of a module', {
  timeout: 120_000,
}, async () => {
  const project = await createProject(
    {
      'vitest.config.ts': `
import { defineConfig } from 'vitest/config'
import { testServices } from 'test-services/vitest'
export default defineConfig({ plugins: [testServices({ reset: 'each' })], test: { maxWorkers: 2 } })`,
    },
    'pools',
  )
  const { exitCode, output } = await project.run(['run', '--reporter', 'dot'], { TESTS: String(count) })
  expect(output).toContain(`${3 * count} passed`)
  expect(output).not.toContain('Unhandled')
  expect(exitCode).toBe(0)
  await expectNothingLeft(stateDirectory)
})
