import { expect } from 'vitest'
import { add, count, isThere, tell } from '../support.ts'
import { test } from './test.ts'

test('goes on', async ({ library }) => {
  await add(library, 'one')
  tell({ waiting: 'yes' })
  await isThere('victim-is-gone')
  expect(await count(library)).toBe(1)
})
