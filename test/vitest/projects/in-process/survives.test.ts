import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { databaseName, names } from './app.js'

test('finds no user in the same database', async () => {
  expect(await databaseName()).toBe(readFileSync('dies.ran', 'utf8'))
  expect(await names()).toEqual([])
})
