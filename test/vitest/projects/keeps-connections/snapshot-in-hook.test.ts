import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { useService } from 'test-services/vitest'
import { beforeAll, test } from 'vitest'
import { tell } from '../support.ts'
import { config } from './test.ts'

const db = useService(config.services.db)

beforeAll(async () => {
  tell({ password: db.serviceConfig.password })
  const pool = new pg.Pool({ connectionString: db.serviceConfig.url })
  await pool.query('SELECT 1')
  await db.snapshot('seeded')
  while (pool.totalCount > 0) await pause(5)
})

test('passes', () => {})
