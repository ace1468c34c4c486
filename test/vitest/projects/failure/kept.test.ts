import { describe } from 'vitest'
import { test } from './test.ts'

const fail = ({ keeper: _ }: { keeper: unknown }): never => {
  throw new Error('own')
}

describe('a group', () => {
  test('fails', ({ keeper }) => fail({ keeper }))
})

test('fails unkept', ({ keeper }) => fail({ keeper }))

test('passes', ({ keeper: _ }) => {})

test.fails('is to fail', ({ keeper }) => fail({ keeper }))
