import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

test('a run makes a database for each worker that it may start, before that asks for it', {
  timeout: 60_000,
}, async () => {
  const project = await createProject({
    'test-services.config.ts': `
import { defineConfig } from 'test-services'
import { postgres } from 'test-services/fixtures/postgres'
export default defineConfig({ services: { db: postgres() } })`,
    'a.test.ts': `
import pg from 'pg'
import { expect } from 'vitest'
import { test } from './support.ts'
test('sees what waits for others', async ({ db }) => {
  const client = new pg.Client(db.serviceConfig.url)
  await client.connect()
  const made = "SELECT count(*)::int AS made FROM pg_database WHERE datname ~ '^test_[^_]+$'"
  await expect.poll(async () => (await client.query(made)).rows, { timeout: 10_000 }).toEqual([{ made: 3 }])
  await client.end()
})`,
  })
  expect((await project.run(['run', '--maxWorkers', '3'])).output).toContain('1 passed')
  await expectNothingLeft(stateDirectory)
})
