import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { startProcess, useUserProject } from '../support/user-project.ts'

const { stateDirectory } = useCleanState()
const project = useUserProject('')

/** Any test runner will do; this is the one of Node. */
const userTest = project.copy('programs/stores-a-file.mjs')

async function runUserTest(fault = 'none'): Promise<string> {
  const options = { cwd: project.directory, env: { FAULT: fault } }
  return (await startProcess([process.execPath, '--test', '--test-reporter=tap', userTest], options).ended).stdout
}

test('one test makes a config, starts the service, uses it, and leaves nothing', async () => {
  expect(await runUserTest()).toMatch(/^# pass 1$/m)
  await expectNothingLeft(stateDirectory)
})

test('a test that fails leaves nothing either', async () => {
  const stdout = await runUserTest('fails')
  expect(stdout).toMatch(/^# fail 1$/m)
  expect(stdout).toContain('on purpose')
  await expectNothingLeft(stateDirectory)
})

test('a test process that is killed leaves nothing either', async () => {
  const stdout = await runUserTest('is-killed')
  expect(stdout).toMatch(/^# fail 1$/m)
  expect(stdout).toContain('SIGKILL')
  await expectNothingLeft(stateDirectory)
})
