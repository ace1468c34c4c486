import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

const configWith = (options: string) => `
import { defineConfig } from 'test-services'
import { postgres } from 'test-services/fixtures/postgres'
export default defineConfig({ services: { db: postgres(${options}) } })`

test.each(['forks', 'threads', 'vmThreads'])(
  'a pool that handles no errors is told what to do when a reset ends its connections, without the password (%s)',
  async (pool) => {
    const project = await createProject({
      'test-services.config.ts': configWith("{ openConnections: 'end' }"),
      'a.test.ts': `
import pg from 'pg'
import { tell, test } from './support.ts'
test('leaves a pool', async ({ db }) => {
  tell({ password: db.serviceConfig.password })
  await new pg.Pool({ connectionString: db.serviceConfig.url }).query('SELECT 1')
})
test('is reset', ({ db }) => {})`,
    })
    const { exitCode, output } = await project.run(['run', '--pool', pool])
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

test("with openConnections: 'refuse' the test fails that left one open, and what it closes in time is none", async () => {
  const project = await createProject({
    'test-services.config.ts': configWith("{ openConnections: 'refuse' }"),
    'a.test.ts': `
import pg from 'pg'
import { afterEach, describe, test as plain } from 'vitest'
import { useService } from 'test-services/vitest'
import { config, test } from './support.ts'
const open = async (db, application_name) => {
  const client = new pg.Client({ connectionString: db.serviceConfig.url, application_name })
  client.on('error', () => {})
  await client.connect()
  return client
}
const withClient = test.extend({
  client: async ({ db }, use) => { const client = await open(db); await use(client); await client.end() },
})
withClient('closes in a fixture', ({ client }) => client.query('SELECT 1'))
test('closes in a hook', async ({ db, onTestFinished }) => {
  const client = await open(db)
  onTestFinished(() => client.end())
})
test('is closing', async ({ db }) => void (await open(db)).end())
describe('side by side', () => {
  const event = () => { let come; const came = new Promise((resolve) => { come = resolve }); return { come, came } }
  const [both, connected] = [event(), event()]
  test.concurrent('goes on for longer than a reset waits', async ({ db }) => {
    await both.came
    const client = await open(db)
    connected.come()
    await client.query('SELECT pg_sleep(0.5)')
    await client.end()
  })
  test.concurrent('ends', async ({ db }) => { both.come(); await connected.came })
})
describe('of a hook', () => {
  const db = useService(config.services.db)
  let client
  afterEach(() => client.end())
  plain('closes after each', async () => { client = await open(db) })
})
describe('the last', () => {
  const own = useService(config.services.db, { instance: 'unique' })
  plain('kills it', () => process.kill(own.pid, 'SIGKILL'))
})
test('leaks', async ({ db }) => { await (await open(db, 'leaky')).query('SELECT 42') })`,
  })
  const { output } = await project.run()
  expect(output).toContain('1 failed | 7 passed')
  expect(output).toMatch(
    / FAIL {2}a\.test\.ts > leaks\nStateError: of the database "test_\w+" a connection is open:\n {2}process \d+, application "leaky", idle: SELECT 42\nclose what a test opens/,
  )
  await expectNothingLeft(stateDirectory)
})

test('a connection that a snapshot in a hook ends is explained, and shows no password', async () => {
  const project = await createProject({
    'test-services.config.ts': configWith(''),
    'a.test.ts': `
import pg from 'pg'
import { beforeAll, test } from 'vitest'
import { useService } from 'test-services/vitest'
import { config, tell } from './support.ts'
const db = useService(config.services.db)
beforeAll(async () => {
  tell({ password: db.serviceConfig.password })
  const pool = new pg.Pool({ connectionString: db.serviceConfig.url })
  await pool.query('SELECT 1')
  await db.snapshot('seeded')
  while (pool.totalCount > 0) await new Promise((resolve) => setTimeout(resolve, 5))
})
test('passes', () => {})`,
  })
  const { output } = await project.run()
  expect(output).toContain('Vitest caught 1 unhandled error during the test run')
  expect(output).toContain("a snapshot, and a restore of another state, end all: pool.on('error', () => {})")
  const [told] = project.told()
  expect(told?.password).toMatch(/^\w{20,}$/)
  expect(output).not.toContain(told?.password)
})

test('one client that a failed test leaves open is one unhandled error, which names that test', async () => {
  const project = await createProject({
    'test-services.config.ts': configWith(''),
    'a.test.ts': `
import pg from 'pg'
import { expect } from 'vitest'
import { eventually, test } from './wait.ts'
let client
test('leaks', async ({ db }) => {
  client = new pg.Client(db.serviceConfig.url)
  await client.connect()
  await client.query('BEGIN')
  await client.query('SELECT 1')
  expect(1).toBe(2)
  await client.end()
})
test('is innocent', ({ db }) => eventually(() => client.connection.stream.destroyed))`,
    'wait.ts': `
export { test } from './support.ts'
export const eventually = async (ask) => { while (!ask()) await new Promise((resolve) => setTimeout(resolve, 5)) }`,
  })
  const { output } = await project.run()
  expect(output).toContain('1 failed | 1 passed')
  expect(output).toContain('Vitest caught 1 unhandled error during the test run')
  expect(output).toContain('the last test that can have left it open: "leaks"\n')
})
