import pg from 'pg'
import { tell } from '../support.ts'
import { test } from './test.ts'

test('asks since when the server runs, and in which database it is', async ({ db }) => {
  const client = new pg.Client(db.serviceConfig.url)
  await client.connect()
  const { rows } = await client.query('SELECT pg_postmaster_start_time()::text AS start, current_database() AS name')
  await client.end()
  tell(rows[0])
})
