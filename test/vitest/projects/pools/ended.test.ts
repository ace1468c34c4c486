import pg from 'pg'
import { serviceFixtures } from 'test-services/vitest'
import { afterEach, test as base, expect } from 'vitest'
import config from './test-services.config.ts'

const test = base.extend(serviceFixtures(config))
let pool: pg.Pool

afterEach(() => pool.end())

for (let number = 1; number <= Number(process.env.TESTS); number++)
  test(`test ${number} ends its pool`, async ({ db }) => {
    pool = new pg.Pool({ connectionString: db.serviceConfig.url, max: 5 })
    const counts = Array.from({ length: 5 }, () => pool.query('SELECT count(*)::int AS users FROM users'))
    for (const { rows } of await Promise.all(counts)) expect(rows).toEqual([{ users: 0 }])
    await pool.query("INSERT INTO users VALUES ('Ada')")
  })
