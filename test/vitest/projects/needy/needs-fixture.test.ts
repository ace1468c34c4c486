import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { add, ask } from '../support.ts'
import { test } from './test.ts'

test('is told', async ({ api, library }) => {
  expect(await ask(api)).toBe(library.serviceConfig.url)
  await add(library, 'one')
})

test('is reset', async ({ api }) => {
  const files = await fetch(`${await ask(api)}/files`)
  expect(await files.json()).toEqual([])
  expect(readFileSync('calls', 'utf8')).toBe('reset api\nreset api\n')
})
