import { writeFileSync } from 'node:fs'
import { isThere } from '../support.ts'
import { say } from './say.ts'
import { test } from './test.ts'

test.concurrent('fails', async ({ server }) => {
  await isThere('other-has-begun')
  await say(server, 'one\n')
  throw new Error('own')
})

test.concurrent('passes', async ({ server }) => {
  await say(server, 'two\n')
  writeFileSync('other-has-begun', '')
})
