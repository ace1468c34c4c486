import { expect, test } from 'vitest'
import { add, names } from './app.js'

for (const title of ['adds a user', 'adds a user again', 'adds it once more'])
  test(title, async () => {
    await add('Ada')
    expect(await names()).toEqual(['Ada'])
  })
