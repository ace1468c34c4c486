import { expect, test } from 'vitest'
import { names } from './app.js'

test('finds no user', async () => {
  expect(await names()).toEqual([])
})
