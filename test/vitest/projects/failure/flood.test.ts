import { say } from './say.ts'
import { test } from './test.ts'

test('before', ({ server }) => say(server, 'said before\n'))

test('floods', async ({ server }) => {
  await say(server, `${'flood\n'.repeat(10_000)}the end\n`)
  throw new Error('own')
})
