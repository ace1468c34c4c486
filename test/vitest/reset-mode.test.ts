import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

const configWith = (reset: string) => ({
  'vitest.config.ts': `
import { defineConfig } from 'vitest/config'
import { testServices } from 'test-services/vitest'
export default defineConfig({ plugins: [testServices({ reset: '${reset}' })], test: { maxWorkers: 2 } })`,
})

const line = /test-services: in (.*) db was written to, and no test asked for a reset; .* reset: 'each'/

test.each(['forks', 'vmThreads'])(
  "reset: 'each' resets the database of an application with a pool at the top of a module (%s)",
  async (pool) => {
    const project = await createProject(configWith('each'), 'in-process')
    const { exitCode, output } = await project.run(['run', '--pool', pool])
    expect(output).toContain('8 passed')
    expect(exitCode).toBe(0)
    expect(output).not.toMatch(line)
    await expectNothingLeft(stateDirectory)
  },
)

test("reset: 'used' resets it before tests with the fixture alone, and a line tells of the others", async () => {
  const project = await createProject(configWith('used'), 'in-process')
  const used = await project.run(['run', 'used.test.ts'])
  expect(used.output).toContain('2 passed')
  expect(used.output).not.toMatch(line)
  const unused = await project.run(['run', 'a.test.ts', 'b.test.ts', '--maxWorkers', '1'])
  expect(unused.output).toContain('4 failed | 2 passed')
  expect(line.exec(unused.output)?.[1]).toBe('2 test files')
  await expectNothingLeft(stateDirectory)
})
