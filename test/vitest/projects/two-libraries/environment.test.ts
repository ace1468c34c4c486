import { expect } from 'vitest'
import { test } from './test.ts'

const { BOTH } = process.env
process.env.LEVEL = 'debug'

test('has one', ({ library }) => {
  expect(BOTH).toMatch(`${library.serviceConfig.url} `)
  expect(process.env.PATH_OF).toMatch(/^.spaces/)
  expect(process.env.LEVEL).toBe('debug')
})

test('has both', ({ library, other }) => {
  expect(BOTH).toBe(`${library.serviceConfig.url} ${other.serviceConfig.url}`)
  expect(process.env.PATH_OF).toMatch(/^.spaces/)
})
