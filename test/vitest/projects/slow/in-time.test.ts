import { expect } from 'vitest'
import { add, ask, count, forever } from '../support.ts'
import { test as services } from './test.ts'

const order: string[] = []
const test = services.extend<{ first: string; answer: string }>({
  first: [
    // biome-ignore lint/correctness/noEmptyPattern: this is how Vitest wants to be told that there are none
    async ({}, use) => {
      order.push('first begins')
      await use('first')
      order.push('first ends')
    },
    { auto: true },
  ],
  answer: async ({ api }, use) => {
    order.push('answer begins')
    await use(await ask(api))
  },
})

test('has its whole time when the service is up', async ({ answer, library }) => {
  order.push('test')
  expect(answer).toBe('here')
  await add(library, 'a book')
  expect(await count(library)).toBe(1)
})

test('ran once, as did its fixtures', async ({ api, library }) => {
  expect(order.slice(0, 4)).toEqual(['first begins', 'answer begins', 'test', 'first ends'])
  expect(await ask(api)).toBe('here')
  expect(await count(library)).toBe(0)
})

test.concurrent('has its whole time beside others', async ({ api }) => {
  expect(await ask(api)).toBe('here')
})

test.fails('is over when its own time is', async ({ api }) => {
  expect(await ask(api)).toBe('here')
  await forever()
})
