import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { repeats } from '../support/repeats.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

const count = repeats(8, 200)

test('pools without a listener for errors live through resets', {
  timeout: 120_000,
}, async () => {
  const project = await createProject('pools')
  const args = ['--config', '../reset-each.config.ts', '--reporter', 'dot']
  const { exitCode, output } = await project.run(args, { TESTS: String(count) })
  expect(output).toContain(`${3 * count} passed`)
  expect(output).not.toContain('Unhandled')
  expect(exitCode).toBe(0)
  await expectNothingLeft(stateDirectory)
})
