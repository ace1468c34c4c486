import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

test('a watch session tells once of each changed file with which services were started', async () => {
  const project = await createProject('watched-template')
  const vitest = project.start(['watch'])
  await project.whenTold('first one')
  project.edit('test-services.config.ts', "'one'", "'two'")
  await project.whenTold('first two')
  project.write('sql/2.sql', 'CREATE TABLE two (id int)')
  project.edit('level.test.ts', 'first', 'second')
  await project.whenTold('second two')
  project.edit('level.test.ts', 'second', 'third')
  await project.whenTold('third two')
  vitest.child.kill('SIGTERM')
  const { output } = await vitest.ended
  expect(output.match(/^.* has changed: .*$/gm)).toEqual([
    'test-services.config.ts has changed: restart vitest to use it',
    'sql/2.sql has changed: restart vitest to use it',
  ])
  await expectNothingLeft(stateDirectory)
})
