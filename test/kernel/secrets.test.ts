import { expect, test } from 'vitest'
import { secretsIn } from '../../src/kernel/secrets.ts'

test('finds values by their keys, and the password of a URL', () => {
  const config = { user: 'admin', password: 'sesame', url: 'postgres://u:open@h/db', port: 5432 }
  expect(secretsIn(config, { API_KEY: 'abcdef' })).toEqual(['sesame', 'open', 'abcdef'])
})

test('leaves out values of less than four characters', () => {
  expect(secretsIn({ password: 'a', token: 'abc', secret: '' })).toEqual([])
})
