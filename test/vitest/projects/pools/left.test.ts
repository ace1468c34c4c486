import pg from 'pg'
import { serviceFixtures } from 'test-services/vitest'
import { test as base, expect } from 'vitest'
import config from './test-services.config.ts'

const test = base.extend(serviceFixtures(config))

for (let number = 1; number <= Number(process.env.TESTS); number++)
  test(`test ${number} leaves its pool open`, async ({ db }) => {
    const pool = new pg.Pool({ connectionString: db.serviceConfig.url, max: 5 })
    const { rows } = await pool.query('SELECT count(*)::int AS users FROM users')
    expect(rows).toEqual([{ users: 0 }])
    await pool.query("INSERT INTO users VALUES ('Ada')")
  })
