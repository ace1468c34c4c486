import pg from 'pg'
import { serviceFixtures } from 'test-services/vitest'
import { test as base, expect } from 'vitest'
import config from './test-services.config.ts'

const test = base.extend(serviceFixtures(config))

test('restores', async ({ db }) => {
  const client = new pg.Client(db.serviceConfig.url)
  client.on('error', () => {})
  await client.connect()
  await client.query("INSERT INTO users VALUES ('Ada')")
  await client.end()
  await db.snapshot('with-ada')
  await db.reset()
  await db.restore('with-ada')
  const again = new pg.Client(db.serviceConfig.url)
  await again.connect()
  expect((await again.query('SELECT name FROM users')).rows).toEqual([{ name: 'Ada' }])
  await again.end()
})
