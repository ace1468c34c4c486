import pg from 'pg'
import { tell } from '../support.ts'
import { test } from './test.ts'

test('leaves a pool', async ({ db }) => {
  tell({ password: db.serviceConfig.password })
  await new pg.Pool({ connectionString: db.serviceConfig.url }).query('SELECT 1')
})

test('is reset', ({ db: _ }) => {})
