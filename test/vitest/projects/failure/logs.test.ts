import { expect } from 'vitest'
import { say } from './say.ts'
import { test } from './test.ts'

test('before', ({ server }) => say(server, 'said before\n'))

test('fails', async ({ server, other }) => {
  await say(server, 'one\n    at Server.answer (/app/server.js:1:1)\n')
  await say(other, 'two\n')
  expect(1).toBe(2)
})

test('fails too', async ({ server }) => {
  await say(server, 'three\n')
  throw new Error('own')
})

test('was quiet', ({ server: _ }) => {
  throw new Error('quiet')
})
