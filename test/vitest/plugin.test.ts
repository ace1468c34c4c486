import { describe, expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

const tellsItsSlice = `
import { tell, test } from './support.ts'
const plain = process.env.LIBRARY_URL
test('tells', ({ library }) => {
  const { url, instanceId } = library.serviceConfig
  tell({ url, instanceId, plain, labels: process.env.LP_PERSISTENT_TEST_SERVICES })
})
`

const distinct = (values: readonly (string | undefined)[]): number => new Set(values).size

describe('a run with the plugin', () => {
  test.each(['forks', 'threads', 'vmThreads', 'vmForks'])(
    'has one instance, of which each worker has a slice (%s)',
    async (pool) => {
      const project = await createProject({ 'a.test.ts': tellsItsSlice, 'b.test.ts': tellsItsSlice })
      const { exitCode, output } = await project.run(['run', '--pool', pool])
      expect(output).toContain('2 passed')
      expect(exitCode).toBe(0)
      const told = project.told()
      expect(told.map(({ labels }) => labels)).toEqual(['LIBRARY', 'LIBRARY'])
      expect(distinct(told.map(({ instanceId }) => instanceId))).toBe(1)
      expect(told.map(({ plain }) => plain)).toEqual(told.map(({ url }) => url))
      expect(distinct(told.map(({ url }) => url))).toBe(2)
      await expectNothingLeft(stateDirectory)
    },
  )

  test('works in a package of type commonjs, as npm init makes it', async () => {
    const project = await createProject({ 'package.json': '{ "type": "commonjs" }', 'a.test.ts': tellsItsSlice })
    const { exitCode, output } = await project.run()
    expect(output).toContain('1 passed')
    expect(exitCode).toBe(0)
  })

  test('has one instance for all projects, those that extend the root config and those with a plugin of their own', async () => {
    const project = await createProject({
      'vitest.config.ts': `
import { defineConfig } from 'vitest/config'
import { testServices } from 'test-services/vitest'
export default defineConfig({
  plugins: [testServices()],
  test: {
    projects: [
      { extends: true, test: { name: 'extends', include: ['a.test.ts'] } },
      { plugins: [testServices()], test: { name: 'own', include: ['b.test.ts'] } },
      { test: { name: 'plain', include: ['c.test.ts'] } },
    ],
  },
})`,
      'a.test.ts': tellsItsSlice,
      'b.test.ts': tellsItsSlice,
      'c.test.ts': tellsItsSlice,
    })
    const { exitCode, output } = await project.run()
    expect(output).toContain('3 passed')
    expect(exitCode).toBe(0)
    expect(distinct(project.told().map(({ instanceId }) => instanceId))).toBe(1)
    await expectNothingLeft(stateDirectory)
  })

  test('shares a config object between projects, and starts only the services that were asked for', async () => {
    const project = await createProject({
      'vitest.config.ts': `
import { defineConfig, mergeConfig } from 'vitest/config'
import { defineConfig as defineServices } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'
import { testServices } from 'test-services/vitest'
const config = defineServices({ services: { library: librarian(), other: librarian() } })
const base = defineConfig({ plugins: [testServices({ config, services: ['library'] })] })
export default mergeConfig(base, defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'one', include: ['a.test.ts'] } },
      { extends: true, test: { name: 'two', include: ['b.test.ts'] } },
    ],
  },
}))`,
      'a.test.ts': tellsItsSlice,
      'b.test.ts': tellsItsSlice,
    })
    const { output } = await project.run()
    expect(output).toContain('2 passed')
    expect(project.told().map(({ labels }) => labels)).toEqual(['LIBRARY', 'LIBRARY'])
    expect(distinct(project.told().map(({ instanceId }) => instanceId))).toBe(1)
  })

  test("comes before the user's own global set-up, which finds the services in its environment", async () => {
    const project = await createProject({
      'vitest.config.ts': `
import { defineConfig } from 'vitest/config'
import { testServices } from 'test-services/vitest'
export default defineConfig({
  plugins: [testServices({ config: 'services/test-services.config.ts' })],
  test: { globalSetup: './seed.ts' },
})`,
      'services/test-services.config.ts': `
import { command, defineConfig } from 'test-services'
export default defineConfig({ services: {
  web: command({ command: ['node', 'server.js'] }),
}, environment: ({ web }) => ({ WEB_URL: web.url }) })`,
      'services/server.js': `
import { createServer } from 'node:http'
createServer((request, response) => response.end('beside its config')).listen(process.env.PORT, '127.0.0.1')`,
      'seed.ts': `
export default async () => { process.env.SEEDED = await (await fetch(process.env.WEB_URL)).text() }`,
      'a.test.ts': `
import { expect, test } from 'vitest'
test('is seeded', () => expect(process.env.SEEDED).toBe('beside its config'))`,
    })
    expect((await project.run()).output).toContain('1 passed')
  })

  test('keeps its stack for a whole watch session', async () => {
    const project = await createProject({ 'a.test.ts': tellsItsSlice })
    const vitest = project.start(['watch'])
    const first = await project.whenTold('instanceId')
    await project.write({ 'a.test.ts': tellsItsSlice.replace('tell({', 'tell({ again: "yes",') })
    const second = await project.whenTold('again')
    vitest.child.kill('SIGTERM')
    await vitest.ended
    expect(second.instanceId).toBe(first.instanceId)
    await expectNothingLeft(stateDirectory)
  })

  test('lists tests, and leaves nothing', async () => {
    const project = await createProject({ 'a.test.ts': tellsItsSlice })
    const { exitCode, output } = await project.run(['list'])
    expect(output).toContain('a.test.ts > tells')
    expect(exitCode).toBe(0)
    await expectNothingLeft(stateDirectory)
  })

  test('brings up the configured instances where LP_CONFIG names a profile', async () => {
    const project = await createProject({
      'test-services.config.ts': `
import { defineConfig } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'
export default defineConfig({
  services: { library: librarian() },
  profiles: { development: { library: { storageDirectory: 'kept' } } },
})`,
      'a.test.ts': `
import { tell, test } from './support.ts'
test('tells', ({ library }) => tell({ storage: library.serviceConfig.storageDirectory }))`,
    })
    const { output } = await project.run(['run'], { LP_CONFIG: 'development' })
    expect(output).toContain('1 passed')
    expect(project.told()[0]?.storage).toContain(`${project.directory}/kept`)
    await expectNothingLeft(stateDirectory)
  })
})
