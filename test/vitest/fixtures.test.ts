import { describe, expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { misbehavingServerText } from '../support/misbehaving-server.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

const withoutPlugin = {
  'vitest.config.ts': `
import { defineConfig } from 'vitest/config'
export default defineConfig({ test: { maxWorkers: 1, testTimeout: 30_000 } })`,
}

/** An api that says which library it was told of, and counts its resets in a file. */
const needyConfig = `
import { appendFileSync } from 'node:fs'
import { command, defineConfig } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'
export default defineConfig({
  services: {
    api: command({
      command: ['node', '-e', 'require("http").createServer((q, r) => r.end(process.env.LIBRARY)).listen(process.env.PORT, "127.0.0.1")'],
      needs: ['library'],
      environment: ({ library }) => ({ LIBRARY: library.url }),
      reset: () => appendFileSync('calls', 'reset api\\n'),
    }),
    library: librarian(),
    unused: ${misbehavingServerText('exits-before-listening')},
  },
})`

describe.each([
  ['with the plugin', {}],
  ['without the plugin', withoutPlugin],
])('fixtures %s', (_, files) => {
  test("are reset before each test that uses them, and before that test's own fixtures", async () => {
    const project = await createProject({
      ...files,
      'a.test.ts': `
import { expect } from 'vitest'
import { add, list, test } from './support.ts'
const seeded = test.extend<{ seed: number }>({
  seed: async ({ library }, use) => { await add(library, 'seed'); await use(await list(library)) },
})
test('dirties', async ({ library }) => { await add(library, 'one'); expect(await list(library)).toBe(1) })
test('finds nothing', async ({ library }) => { expect(await list(library)).toBe(0) })
seeded('finds its seed', async ({ seed, library }) => {
  expect(seed).toBe(1)
  expect(await list(library)).toBe(1)
})
seeded('finds one seed again', ({ seed }) => expect(seed).toBe(1))
test.beforeEach(async ({ library }) => { await add(library, 'by a hook') })
test('finds what a hook made', { retry: 1 }, async ({ library, task }) => {
  expect(await list(library)).toBe(1)
  expect(task.result.retryCount).toBe(1)
})`
        .replace('test.beforeEach', "import { describe } from 'vitest'\ndescribe('hooks', () => {\ntest.beforeEach")
        .concat('\n})'),
    })
    const { output } = await project.run()
    expect(output).toContain('5 passed')
    await expectNothingLeft(stateDirectory)
  })
})

test('a service comes up when it is first used, once for all files of a worker that is not isolated', async () => {
  const tells = `
import { tell, test } from './support.ts'
test('tells', ({ library }) => tell({ id: library.serviceConfig.instanceId }))
test('tells again', ({ library }) => tell({ id: library.serviceConfig.instanceId }))`
  const project = await createProject({ ...withoutPlugin, 'a.test.ts': tells, 'b.test.ts': tells })
  const { output } = await project.run(['run', '--no-isolate'])
  expect(output).toContain('4 passed')
  expect(new Set(project.told().map(({ id }) => id)).size).toBe(1)
  await expectNothingLeft(stateDirectory)
})

test('a service gets the configs of what it needs, which is reset with it, and nothing else comes up', async () => {
  const project = await createProject({
    ...withoutPlugin,
    'test-services.config.ts': needyConfig,
    'a.test.ts': `
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { add, list, test } from './support.ts'
test('is told', async ({ api, library }) => {
  expect(await (await fetch(api.serviceConfig.url)).text()).toBe(library.serviceConfig.url)
  await add(library, 'one')
})
test('is reset', async ({ api }) => {
  const url = await (await fetch(api.serviceConfig.url)).text()
  expect(await (await fetch(url + '/files')).json()).toEqual([])
  expect(readFileSync('calls', 'utf8')).toBe('reset api\\nreset api\\n')
})`,
  })
  const { output } = await project.run()
  expect(output).toContain('2 passed')
  await expectNothingLeft(stateDirectory)
})

test('a service that died fails the test in whose time it died, and those that use it, with status and log', async () => {
  const project = await createProject({
    ...withoutPlugin,
    'a.test.ts': `
import { test } from './support.ts'
test('kills', async ({ library }) => {
  process.kill(library.pid, 'SIGKILL')
  await library.check().catch(() => {})
})
test('finds it dead', ({ library }) => {})
test('does not need it', () => {})`,
  })
  const { exitCode, output } = await project.run()
  expect(output).toContain('2 failed | 1 passed')
  expect(output).toMatch(/ServiceError: LIBRARY died: it ended with signal SIGKILL/)
  expect(output).toContain('last lines of its log:')
  expect(output).not.toMatch(/^ +(at|❯) .*dist/m)
  expect(exitCode).toBe(1)
  await expectNothingLeft(stateDirectory)
})
