import { expect, test } from 'vitest'
import { parseJson } from '../../src/kernel/parse-json.ts'

test('parses JSON', () => {
  expect(parseJson('{"a":[1]}')).toEqual({ a: [1] })
})

test('returns undefined for any other text', () => {
  expect(['', '{', 'secret'].map(parseJson)).toEqual([undefined, undefined, undefined])
})
