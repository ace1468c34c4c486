import { expect } from 'vitest'
import { add, ask, count } from '../support.ts'
import { test } from './test.ts'

let tries = 0

test('finds pristine services at each try', { retry: 2 }, async ({ api, library }) => {
  expect(await ask(api)).toBe('here')
  expect(await count(library)).toBe(0)
  await add(library, 'a book')
  tries += 1
  expect(tries).toBe(3)
})
