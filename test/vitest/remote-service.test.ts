import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

test("a service's own methods run in the main process, with values as they are", async () => {
  const project = await createProject('notes')
  expect((await project.run()).output).toContain('5 passed')
  await expectNothingLeft(stateDirectory)
})

test('snapshots are taken and restored in the database of the slot', async () => {
  const project = await createProject('in-process')
  expect((await project.run(['snapshot'])).output).toContain('1 passed')
})
