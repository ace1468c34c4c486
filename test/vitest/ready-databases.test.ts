import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

// Three for the workers that may come, and one more for the one that came.
test('a run has a database ready for each worker that it may start', { timeout: 60_000 }, async () => {
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
  const ready = "SELECT count(*)::int AS ready FROM pg_database WHERE starts_with(datname, 'test_services_ready_')"
  await expect.poll(async () => (await client.query(ready)).rows, { timeout: 10_000 }).toEqual([{ ready: 4 }])
  await client.end()
})`,
  })
  expect((await project.run(['run', '--maxWorkers', '3'])).output).toContain('1 passed')
  await expectNothingLeft(stateDirectory)
})
