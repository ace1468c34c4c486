import { describe, expect, test } from 'vitest'

test('passes', () => console.log(['printed', process.env.LP_DB_URL, process.env.ATEX_TEST_CONTROL].join()))

describe('a group', () => {
  test('fails', () => expect({ a: 1 }).toEqual({ a: 2 }))

  test('fails \u001b[31mred\u001b[0m', () => {
    throw new Error('first line\nsecond line', { cause: new Error('the cause') })
  })

  test.skip('is skipped', () => {})

  test('skips itself', (context) => context.skip('not today'))
})

test.todo('is to be written')
