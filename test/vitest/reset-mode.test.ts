import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { cases } from '../support/repeats.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

const line = /test-services: in (.*) db was written to, and no test asked for a reset; .* reset: 'each'/
const application = ['a.test.ts', 'b.test.ts']

test.each(cases(['vmThreads'], ['forks']))(
  "reset: 'each' resets the database of an application with a pool of its own (%s)",
  async (pool) => {
    const project = await createProject('in-process')
    const args = [...application, 'used.test.ts', '--config', '../reset-each.config.ts', '--pool', pool]
    const { exitCode, output } = await project.run(args)
    expect(output).toContain('8 passed')
    expect(exitCode).toBe(0)
    expect(output).not.toMatch(line)
    await expectNothingLeft(stateDirectory)
  },
)

test("reset: 'used' resets before tests with the fixture, and names the other files", async () => {
  const project = await createProject('in-process')
  const used = ['--config', '../reset-used.config.ts', '--maxWorkers', '1']
  const withFixture = await project.run(['used.test.ts', ...used])
  expect(withFixture.output).toContain('2 passed')
  expect(withFixture.output).not.toMatch(line)
  const without = await project.run([...application, ...used])
  expect(without.output).toContain('4 failed | 2 passed')
  expect(line.exec(without.output)?.[1]).toBe('2 test files')
  await expectNothingLeft(stateDirectory)
})

test('a file finds its database reset after a file whose worker was killed', async () => {
  const project = await createProject('in-process')
  const used = ['--config', '../reset-used.config.ts', '--maxWorkers', '1', '--reporter', 'verbose']
  const { output } = await project.run(['dies.test.ts', 'survives.test.ts', ...used])
  expect(output).toMatch(/✓.*finds no user/)
  expect(output).toContain('1 error')
  await expectNothingLeft(stateDirectory)
})
