import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

test.each([
  ['with the plugin', []],
  ['without the plugin', ['--config', './without-plugin.config.ts', '--no-isolate']],
])('a service starts outside the time of the test that first uses it, %s', async (_how, args) => {
  const project = await createProject('slow')
  const { exitCode, output } = await project.run(['in-time', 'retries', ...args])
  expect(output).toContain('Tests  4 passed | 1 expected fail (5)')
  expect(exitCode).toBe(0)
  await expectNothingLeft(stateDirectory)
})

test('a service that starts longer than a hook may take is named, with its log', async () => {
  const project = await createProject('slow')
  const { output } = await project.run(['hook'], { START_MS: '60000' })
  expect(output).toContain('Hook timed out in 2000ms')
  expect(output).toMatch(/API was still starting when the test failed, \d+ ms after its start began\. .* hookTimeout/)
  expect(output).toContain('last lines of its log:\n    reads its data\n')
  expect(output).toContain('Tests  1 failed (1)')
  await expectNothingLeft(stateDirectory)
})
