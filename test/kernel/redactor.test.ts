import { expect, test } from 'vitest'
import { Redactor } from '../../src/kernel/redactor.ts'

function redact(text: string, ...secrets: readonly string[]): string {
  const redactor = new Redactor()
  for (const secret of secrets) redactor.add(secret)
  return redactor.apply(text)
}

test('every occurrence is replaced, as it is and as in a URL', () => {
  expect(redact('p@ss/word, http://u:p%40ss%2Fword@h', 'p@ss/word')).toBe('********, http://u:********@h')
})

test('a secret that begins like another leaves nothing of itself', () => {
  expect(redact('secret secret-longer', 'secret', 'secret-longer')).toBe('******** ********')
})

test('what is shorter than four characters is no secret', () => {
  expect(redact('a b c', 'a', '')).toBe('a b c')
})
