import pg from 'pg'
import { expect } from 'vitest'
import { test } from './test.ts'

test('sees the databases of workers that have not begun', async ({ db }) => {
  const client = new pg.Client(db.serviceConfig.url)
  await client.connect()
  const made = "SELECT count(*)::int AS made FROM pg_database WHERE datname ~ '^test_[^_]+$'"
  await expect.poll(async () => (await client.query(made)).rows, { timeout: 10_000 }).toEqual([{ made: 3 }])
  await client.end()
})
