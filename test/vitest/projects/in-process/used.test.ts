import { serviceFixtures } from 'test-services/vitest'
import { test as base, expect } from 'vitest'
import { add, names } from './app.js'
import config from './test-services.config.ts'

const test = base.extend(serviceFixtures(config))

for (const title of ['adds a user', 'adds a user again'])
  test(title, async ({ db }) => {
    expect(process.env.DATABASE_URL).toBe(db.serviceConfig.url)
    await add('Ada')
    expect(await names()).toEqual(['Ada'])
  })
