import { expect, test } from 'vitest'
import { add, names } from './app.js'

for (let number = 1; number <= Number(process.env.TESTS); number++)
  test(`test ${number} uses the pool of a module`, async () => {
    await add('Ada')
    expect(await names()).toEqual(['Ada'])
  })
