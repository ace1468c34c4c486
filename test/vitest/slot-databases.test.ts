import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

test('a run makes a database for each worker that it may start, ahead of its use', { timeout: 60_000 }, async () => {
  const project = await createProject('database')
  expect((await project.run(['standby', '--maxWorkers', '3'])).output).toContain('1 passed')
  await expectNothingLeft(stateDirectory)
})

test('DATABASE_URL names a database of the worker, in which each test finds nothing', async () => {
  const project = await createProject('database')
  expect((await project.run(['pristine'])).output).toContain('4 passed')
  await expectNothingLeft(stateDirectory)
})
