import { test } from './test.ts'

test('kills', async ({ library }) => {
  process.kill(library.pid ?? 0, 'SIGKILL')
  await library.check().catch(() => {})
})

test('finds it dead', ({ library: _ }) => {})

test('does not need it', () => {})
