import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { cases } from '../support/repeats.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

test.each(cases(['forks'], ['threads', 'vmThreads']))(
  'a pool without a listener for errors is told what to do after a reset (%s)',
  async (pool) => {
    const project = await createProject('ends-connections')
    const { exitCode, output } = await project.run(['--pool', pool])
    expect(output).toMatch(
      /^(e|E)rror: terminating connection due to administrator command\nthe reset before a test .* end the pool in afterEach$/m,
    )
    const [told] = project.told()
    expect(told?.password).toMatch(/^\w{20,}$/)
    expect(output).not.toContain(told?.password)
    expect(exitCode).toBe(1)
    await expectNothingLeft(stateDirectory)
  },
)

test("openConnections: 'refuse' fails the one test that leaves a connection open", async () => {
  const project = await createProject('refuses-connections')
  const { output } = await project.run()
  expect(output).toContain('1 failed | 7 passed')
  expect(output).toMatch(
    / FAIL {2}closes\.test\.ts > leaks\nStateError: of the database "test_\w+" a connection is open:\n {2}process \d+, application "leaky", idle: SELECT 42\nclose what a test opens/,
  )
  await expectNothingLeft(stateDirectory)
})

test('a connection that a snapshot in a hook ends is explained, and shows no password', async () => {
  const project = await createProject('keeps-connections')
  const { output } = await project.run(['snapshot-in-hook'])
  expect(output).toContain('Vitest caught 1 unhandled error during the test run')
  expect(output).toContain("a snapshot, and a restore of another state, end all: pool.on('error', () => {})")
  const [told] = project.told()
  expect(told?.password).toMatch(/^\w{20,}$/)
  expect(output).not.toContain(told?.password)
})

test('a client that a failed test leaves open is one unhandled error with its name', async () => {
  const project = await createProject('keeps-connections')
  const { output } = await project.run(['failed-test-leaks'])
  expect(output).toContain('1 failed | 1 passed')
  expect(output).toContain('Vitest caught 1 unhandled error during the test run')
  expect(output).toContain('the last test that can have left it open: "leaks"\n')
})
