import { say } from './say.ts'
import { test } from './test.ts'

test('fails', { retry: 1 }, async ({ server, task }) => {
  const retries = task.result?.retryCount
  await say(server, `try ${retries}\n`)
  throw new Error(`own ${retries}`)
})

test('fails by a condition', { retry: { count: 2, condition: /flaky/ } }, async ({ server, task }) => {
  const retries = task.result?.retryCount
  await say(server, `try ${retries}\n`)
  throw new Error(retries === 0 ? 'flaky' : 'broken')
})
