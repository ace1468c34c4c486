import { expect, test } from 'vitest'
import { bytesOf, textOf } from '../../src/kernel/undecodable.ts'

test('bytes that are no text come back as they were', () => {
  const bytes = Buffer.from(Array.from({ length: 1_024 }, (_, index) => (index * 7 + (index >> 3)) % 256))
  expect(bytesOf(textOf(bytes)).equals(bytes)).toBe(true)
  expect(textOf(Buffer.from([0x61, 0xff, 0xc3, 0xa9]))).toBe('a\udcffé')
})

test('text is decoded and encoded as UTF-8', () => {
  const text = 'é€😀\u2028\r\ufffd'
  expect(textOf(Buffer.from(text))).toBe(text)
  expect(bytesOf(text).equals(Buffer.from(text))).toBe(true)
})
