import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

test('an api that dies fails the test that it dies in, and the next test has a new api', async () => {
  const project = await createProject('headline')
  const { exitCode, output } = await project.run(['crashes-api', 'follows-crash', '--maxWorkers', '1'])
  expect(output).toContain('2 failed | 3 passed')
  for (const title of ['crashes it', 'crashes it without a fixture'])
    expect(output).toContain(`FAIL  crashes-api.test.ts > ${title}\n`)
  expect(output).toContain('ServiceError: API died: it ended with exit status 3 after it was ready')
  expect(exitCode).toBe(1)
  await expectNothingLeft(stateDirectory)
})

test("a run's server that dies fails the test it dies in, and all that use it later", async () => {
  const project = await createProject('library')
  const { exitCode, output } = await project.run(['kills-server', 'uses-dead-server', '--maxWorkers', '1'])
  expect(output).toContain('3 failed | 1 passed')
  expect(output).toContain('FAIL  kills-server.test.ts > kills it\n')
  expect(output.match(/ServiceError: LIBRARY died: it ended with signal SIGKILL after it was ready/g)).not.toBeNull()
  expect(output).toMatch(/whole log: .*\/logs\/.*\.log/)
  expect(exitCode).toBe(1)
  await expectNothingLeft(stateDirectory)
})

test('a run fails when a service dies that no test can be blamed for', async () => {
  const project = await createProject('headline')
  const { exitCode, output } = await project.run(['crashes-after-all'])
  expect(output).toContain('1 passed')
  expect(output).toContain('API died: it ended with exit status 3 after it was ready')
  expect(exitCode).toBe(1)
  await expectNothingLeft(stateDirectory)
})
