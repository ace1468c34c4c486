import { expect } from 'vitest'
import { ask } from '../support.ts'
import { test } from './test.ts'

test.beforeEach(async ({ api }) => {
  expect(await ask(api)).toBe('here')
})

test('uses a service in a hook', () => {})
