import { expect, test } from 'vitest'
import { Redactor } from '../../src/kernel/redactor.ts'

function redact(text: string, ...secrets: readonly string[]): string {
  return new Redactor(secrets).apply(text)
}

test('replaces every occurrence, as written, as JSON and as in a URL', () => {
  expect(redact('p@s"/d, http://u:p%40s%22%2Fd@h, {"k":"p@s\\"/d"}', 'p@s"/d')).toBe(
    '********, http://u:********@h, {"k":"********"}',
  )
})

test('leaves nothing of a secret that begins like another', () => {
  expect(redact('secret secret-longer', 'secret', 'secret-longer')).toBe('******** ********')
})

test('replaces overlapping secrets as one', () => {
  expect(redact('xabcdefx', 'abcd', 'cdef')).toBe('x********x')
})

test('replaces each line of a secret, and a short line only where it is a whole line', () => {
  expect(redact('BEGIN\n}\n{}', 'BEGIN\n}\nEND')).toBe('********\n********\n{}')
})

test('takes secrets literally, and other characters than ASCII', () => {
  const secrets = ['a.b*c|(d)', '[^x]\\d+$', 'pässwörd ✓']
  expect(redact(secrets.join(' '), ...secrets)).toBe('******** ******** ********')
  expect(redact('aXbbc 5 passwörd ✓', ...secrets)).toBe('aXbbc 5 passwörd ✓')
})

test('changes nothing without secrets', () => {
  expect(redact('a b c', '')).toBe('a b c')
})
