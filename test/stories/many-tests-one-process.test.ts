import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject, distinct } from '../vitest/project.ts'

const { stateDirectory } = useCleanState()

test('many tests share one instance: each finds it checked and empty', async () => {
  const project = await createProject('library')
  const { exitCode, output } = await project.run(['many'])
  expect(exitCode, output).toBe(0)
  const ports = project.told().map(({ port }) => port)
  expect(ports).toHaveLength(3)
  expect(distinct(ports)).toBe(1)
  await expectNothingLeft(stateDirectory)
})

test('a dead service is named to the tests after it, and is not started again', async () => {
  const project = await createProject('library')
  const { exitCode, output } = await project.run(['dies-alone'])
  expect(exitCode).toBe(1)
  expect(output).toContain('LIBRARY died: it ended with signal SIGKILL')
  expect(output).toMatch(/1 failed.*1 passed/)
  await expectNothingLeft(stateDirectory)
})
