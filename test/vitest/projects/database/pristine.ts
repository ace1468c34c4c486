/** Tests that application code, which reads DATABASE_URL, finds an empty database each time. */
import pg from 'pg'
import { expect } from 'vitest'
import { test } from './test.ts'

for (const title of ['finds nothing', 'finds nothing again'])
  test(title, async ({ db }) => {
    expect(process.env.DATABASE_URL).toBe(db.serviceConfig.url)
    const client = new pg.Client(process.env.DATABASE_URL)
    await client.connect()
    await client.query('CREATE TABLE pristine (id int)')
    await client.end()
  })
