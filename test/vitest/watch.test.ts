import { test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

test('a watch session starts commands again after a change and after a crash', async () => {
  const project = await createProject('watched-commands')
  const vitest = project.start(['watch'])
  await project.whenTold('a one first')
  project.edit('server.js', "'one'", "'two'")
  await project.whenTold('a two first')
  project.write('text.txt', 'second')
  await project.whenTold('a two second')
  project.edit('server.js', "'two'", "'three'")
  project.edit('asks.test.ts', "'a'", "'b'")
  await project.whenTold('b three second')
  project.write('crash-the-server', '')
  project.edit('asks.test.ts', "'b'", "'c'")
  await project.whenTold('crashed')
  project.edit('asks.test.ts', "'c'", "'d'")
  await project.whenTold('d three second')
  vitest.child.kill('SIGTERM')
  await vitest.ended
  await expectNothingLeft(stateDirectory)
})
