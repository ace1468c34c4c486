import { describe, expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject, distinct, withoutPlugin } from './project.ts'

const { stateDirectory } = useCleanState()

test('fixtures are reset before each test that uses them, and before its own fixtures', async () => {
  const project = await createProject('library')
  const { output } = await project.run(['fixture-resets'])
  expect(output).toContain('6 passed')
  await expectNothingLeft(stateDirectory)
})

describe('without the plugin', () => {
  test('fixtures are reset, a death fails its test and later users, variables are set', async () => {
    const project = await createProject('library')
    const files = ['fixture-resets', 'dies-under-fixture', 'names-its-service']
    const { exitCode, output } = await project.run([...files, ...withoutPlugin])
    expect(output).toContain('✓ fixture-resets.test.ts (6 tests)')
    expect(output).toContain('✓ names-its-service.test.ts (1 test)')
    expect(output).toContain('❯ dies-under-fixture.test.ts (3 tests | 2 failed)')
    expect(output).toMatch(/ServiceError: LIBRARY died: it ended with signal SIGKILL/)
    expect(output).toContain('last lines of its log:')
    expect(output).not.toMatch(/^ +(at|❯) .*dist/m)
    expect(exitCode).toBe(1)
    await expectNothingLeft(stateDirectory)
  })

  test('a service comes up once for all files of a worker that is not isolated', async () => {
    const project = await createProject('library')
    const { output } = await project.run(['tells', '--no-isolate', ...withoutPlugin])
    expect(output).toContain('2 passed')
    const told = project.told()
    expect(told).toHaveLength(2)
    expect(distinct(told.map(({ instanceId }) => instanceId))).toBe(1)
    await expectNothingLeft(stateDirectory)
  })

  test('a service is told of what it needs, which is reset with it', async () => {
    const project = await createProject('needy')
    expect((await project.run(['needs-fixture', ...withoutPlugin])).output).toContain('2 passed')
    await expectNothingLeft(stateDirectory)
  })
})
