/** Tests that each of the three files has, in a worker of its own. */
import pg from 'pg'
import { expect } from 'vitest'
import { tell } from '../support.ts'
import { test } from './test.ts'

const namesIn = async (url: string): Promise<string[]> => {
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query('SELECT name FROM users ORDER BY name')
  await client.end()
  return rows.map(({ name }) => name)
}

// The row of the test before, and that of a file that runs at the same time, would be in the way.
for (const title of ['finds what it posts', 'finds what it posts, and nothing else', 'finds it once more'])
  test(title, async ({ api, db }) => {
    const { url } = db.serviceConfig
    await (await fetch(api.serviceConfig.url, { method: 'POST', body: 'Ada' })).text()
    expect(await namesIn(url)).toEqual(['Ada'])
    expect(process.env.DATABASE_URL).toBe(url)
    tell({ url, api: api.serviceConfig.url })
  })
