import { describe, expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

/** What application code sees: before the set-up, in a test, and what the fixture says. */
const tells = `
import { readFileSync } from 'node:fs'
import { tell, test } from './support.ts'
const before = process.env.LIBRARY_URL
const beforeLp = process.env.LP_LIBRARY_URL
test('tells', ({ library }) => tell({
  before, beforeLp,
  during: process.env.LIBRARY_URL,
  duringLp: process.env.LP_LIBRARY_URL,
  file: JSON.parse(readFileSync(process.env.LP_LIBRARY_CONFIGFILE, 'utf8')).url,
  url: library.serviceConfig.url,
  amongAll: JSON.parse(process.env.LP_URLS).library,
  labels: process.env.LP_PERSISTENT_TEST_SERVICES,
}))
`

const oneWorker = ['run', '--maxWorkers', '1']
const distinct = (values: readonly (string | undefined)[]): number => new Set(values).size

describe('the environment of a worker', () => {
  test.each([
    ['forks', []],
    ['threads', []],
    ['vmForks', []],
    ['vmThreads', []],
    ['forks', ['--no-isolate']],
  ])('names its own slice from the import of a test file on (%s %s)', async (pool, args) => {
    const project = await createProject({ 'a.test.ts': tells, 'b.test.ts': tells })
    const { output } = await project.run([...oneWorker, '--pool', pool, ...args])
    expect(output).toContain('2 passed')
    const told = project.told()
    for (const { url, during, duringLp, file, amongAll, labels } of told)
      expect({ during, duringLp, file, amongAll, labels }).toEqual({
        during: url,
        duringLp: url,
        file: url,
        amongAll: url,
        labels: 'LIBRARY',
      })
    for (const { url, before, beforeLp } of told) expect([before, beforeLp]).toEqual([url, url])
    expect(told[0]?.url).toContain('/spaces/')
    // The worker of the second file finds the slice of the first.
    expect(distinct(told.map(({ url }) => url))).toBe(1)
    await expectNothingLeft(stateDirectory)
  })

  test('names the last of several with one label, and the one before after it', async () => {
    const project = await createProject({
      'a.test.ts': `
import { describe, expect, test } from 'vitest'
import { useService } from 'test-services/vitest'
import { config } from './support.ts'
const shared = process.env.LIBRARY_URL
const named = (library) => {
  expect(process.env.LIBRARY_URL).toBe(library.serviceConfig.url)
  expect(process.env.LP_LIBRARY_URL).toBe(library.serviceConfig.url)
}
describe('outside', () => {
  const outer = useService(config.services.library)
  test('has one', () => named(outer))
  describe('inside', () => {
    const inner = useService(config.services.library)
    test('has the same slice', () => {
      named(inner)
      expect(inner).toBe(outer)
      expect(inner.serviceConfig.url).toBe(shared)
    })
  })
  describe('beside', () => {
    const other = useService(config.services.library, { label: 'OTHER' })
    test('has another, of another name', () => {
      named(outer)
      expect(process.env.LP_OTHER_URL).toBe(other.serviceConfig.url)
      expect(other.serviceConfig.url).not.toBe(outer.serviceConfig.url)
    })
  })
  describe('with its own', () => {
    const own = useService(config.services.library, { instance: 'unique' })
    test('has a process', () => named(own))
    test('sets it up anew', async () => { await own.cleanUp(); await own.setUp() })
    test('has the new one', () => named(own))
  })
  test('has the first one again', () => named(outer))
})
test('has that of the worker', () => {
  expect(process.env.LIBRARY_URL).toBe(shared)
  expect(process.env.LP_LIBRARY_URL).toBe(shared)
})`,
    })
    const { output } = await project.run()
    expect(output).toContain('8 passed')
    await expectNothingLeft(stateDirectory)
  })

  test('names all that the run has before a test uses any, and keeps what a test file sets', async () => {
    const project = await createProject({
      'test-services.config.ts': `
import { defineConfig } from 'test-services'
import { librarian } from 'test-services/fixtures/librarian'
export default defineConfig({
  services: { library: librarian(), other: librarian() },
  environment: ({ library, other }) => ({
    BOTH: library.url + ' ' + other.url, PATH_OF: new URL(other.url).pathname, LEVEL: 'info',
  }),
})`,
      'a.test.ts': `
import { expect } from 'vitest'
import { test } from './support.ts'
const { BOTH } = process.env
process.env.LEVEL = 'debug'
test('has one', ({ library }) => {
  expect(BOTH).toMatch(library.serviceConfig.url + ' ')
  expect(process.env.PATH_OF).toMatch(/^.spaces/)
  expect(process.env.LEVEL).toBe('debug')
})
test('has both', ({ library, other }) => {
  expect(BOTH).toBe(library.serviceConfig.url + ' ' + other.serviceConfig.url)
  expect(process.env.PATH_OF).toMatch(/^.spaces/)
})`,
    })
    expect((await project.run()).output).toContain('2 passed')
  })

  test('names what the worker brought up itself where there is no plugin', async () => {
    const project = await createProject({
      'vitest.config.ts': 'export default {}',
      'a.test.ts': `
import { expect } from 'vitest'
import { test } from './support.ts'
test('has one', ({ library }) => expect(process.env.LIBRARY_URL).toBe(library.serviceConfig.url))`,
      'b.test.ts': `
import { expect, test } from 'vitest'
import { useService } from 'test-services/vitest'
import { config } from './support.ts'
const library = useService(config.services.library)
test('has one', () => expect(process.env.LIBRARY_URL).toBe(library.serviceConfig.url))`,
    })
    expect((await project.run()).output).toContain('2 passed')
    await expectNothingLeft(stateDirectory)
  })

  test('names a database of its own in DATABASE_URL, in which application code finds nothing', async () => {
    const usesDatabase = `
import pg from 'pg'
import { expect } from 'vitest'
import { test } from './support.ts'
for (const name of ['one', 'two'])
  test(name, async ({ db }) => {
    expect(process.env.DATABASE_URL).toBe(db.serviceConfig.url)
    const client = new pg.Client(process.env.DATABASE_URL)
    await client.connect()
    await client.query('CREATE TABLE pristine (id int)')
    await client.end()
  })`
    const project = await createProject({
      'test-services.config.ts': `
import { defineConfig } from 'test-services'
import { postgres } from 'test-services/fixtures/postgres'
export default defineConfig({ services: { db: postgres() }, environment: ({ db }) => ({ DATABASE_URL: db.url }) })`,
      'a.test.ts': usesDatabase,
      'b.test.ts': usesDatabase,
    })
    expect((await project.run()).output).toContain('4 passed')
    await expectNothingLeft(stateDirectory)
  })
})
