import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { cases } from '../support/repeats.ts'
import { createProject, distinct, withoutPlugin } from './project.ts'

const { stateDirectory } = useCleanState()

test.each(cases([['with the plugin', []]], [['without the plugin', withoutPlugin]]))(
  'tests at the same time have a database and an api each, and hand them on (%s)',
  {
    timeout: 60_000,
  },
  async (_, args) => {
    const project = await createProject('headline')
    const { output } = await project.run(['side-by-side', ...args])
    expect(output).toContain('6 passed')
    const told = project.told()
    expect(distinct(told.map(({ url }) => url))).toBe(3)
    expect(distinct(told.map(({ api }) => api))).toBe(3)
    expect(readFileSync(`${project.directory}/starts`, 'utf8')).toBe('started\n'.repeat(3))
    await expectNothingLeft(stateDirectory)
  },
)

test('useService in a file whose tests run at the same time names the fixture instead', async () => {
  const project = await createProject('library')
  const { output } = await project.run(['runs-beside'])
  expect(output).toContain('1 failed | 1 passed')
  expect(output).toMatch(
    /StateError: useService\(\) of LIBRARY is one service for all tests of a file, and .* use the fixture/,
  )
  await expectNothingLeft(stateDirectory)
})
