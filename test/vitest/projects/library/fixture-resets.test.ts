import { describe, expect } from 'vitest'
import { add, count } from '../support.ts'
import { test } from './test.ts'

const seeded = test.extend<{ seed: number }>({
  seed: async ({ library }, use) => {
    await add(library, 'seed')
    await use(await count(library))
  },
})

test('names what is there', ({ library }) => expect(process.env.LIBRARY_URL).toBe(library.serviceConfig.url))

test('dirties', async ({ library }) => {
  await add(library, 'one')
  expect(await count(library)).toBe(1)
})

test('finds nothing', async ({ library }) => expect(await count(library)).toBe(0))

seeded('finds its seed', async ({ seed, library }) => {
  expect(seed).toBe(1)
  expect(await count(library)).toBe(1)
})

seeded('finds one seed again', ({ seed }) => expect(seed).toBe(1))

describe('hooks', () => {
  test.beforeEach(async ({ library }) => add(library, 'by a hook'))

  test('finds what a hook made', { retry: 1 }, async ({ library, task }) => {
    expect(await count(library)).toBe(1)
    expect(task.result?.retryCount).toBe(1)
  })
})
