import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { names } from './app.js'

test('finds no user', async () => {
  expect(existsSync('dies.ran')).toBe(true)
  expect(await names()).toEqual([])
})
