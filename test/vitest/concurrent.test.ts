import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

/** Three tests of which none ends before all have posted; then three more. */
const sideBySide = `
import { describe, expect } from 'vitest'
import { tell, test } from './support.ts'
let waiting = []
const allThree = () => new Promise((resolve) => {
  waiting.push(resolve)
  if (waiting.length === 3) for (const go of waiting.splice(0)) go()
})
describe.each(['first', 'second'])('the %s three', (group) => {
  test.concurrent.for(['one', 'two', 'three'])('%s', async (name, { api, db }) => {
    const posted = await (await fetch(api.serviceConfig.url, { method: 'POST', body: name })).json()
    await allThree()
    expect(posted).toEqual([name])
    expect(await (await fetch(api.serviceConfig.url)).json()).toEqual([name])
    tell({ group, url: db.serviceConfig.url, api: api.serviceConfig.url })
  })
})`

const distinct = (values: readonly (string | undefined)[]): number => new Set(values).size

describe.each([
  ['with the plugin', {}],
  ['without the plugin', { 'vitest.config.ts': 'export default { test: { testTimeout: 30_000 } }' }],
])('tests that run at the same time %s', (_, files) => {
  test('have a database and an api each, which the tests after them take over', { timeout: 60_000 }, async () => {
    const project = await createProject({ ...files, 'd.test.ts': sideBySide }, 'headline')
    const { output } = await project.run(['run', 'd.test.ts'])
    expect(output).toContain('6 passed')
    const told = project.told()
    expect(distinct(told.map(({ url }) => url))).toBe(3)
    expect(distinct(told.map(({ api }) => api))).toBe(3)
    expect(readFileSync(`${project.directory}/starts`, 'utf8')).toBe('started\n'.repeat(3))
    await expectNothingLeft(stateDirectory)
  })
})

test('useService in a file whose tests run at the same time names the fixture instead', async () => {
  const project = await createProject({
    'a.test.ts': `
import { test } from 'vitest'
import { useService } from 'test-services/vitest'
import { config } from './support.ts'
useService(config.services.library)
test.concurrent('runs beside others', () => {})
test('runs alone', () => {})`,
  })
  const { output } = await project.run()
  expect(output).toContain('1 failed | 1 passed')
  expect(output).toMatch(
    /StateError: useService\(\) of LIBRARY is one service for all tests of a file, and .* use the fixture/,
  )
  await expectNothingLeft(stateDirectory)
})
