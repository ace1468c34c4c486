import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { ignore, succeedsUnless, valueUnless } from '../../src/kernel/value-unless.ts'

const missing = '/no/such/file'

describe('valueUnless', () => {
  test('returns the result of the call', () => {
    expect(valueUnless(['ENOENT'], () => 1)).toBe(1)
  })

  test('returns undefined for one of the codes', () => {
    expect(valueUnless(['EACCES', 'ENOENT'], () => readFileSync(missing))).toBeUndefined()
  })

  test('throws an error with another code, or without a code', () => {
    expect(() => valueUnless(['EACCES'], () => readFileSync(missing))).toThrow('ENOENT')
    const failure = new Error('no code')
    const fail = (): never => {
      throw failure
    }
    expect(() => valueUnless(['EACCES'], fail)).toThrow(failure)
  })
})

test('succeedsUnless tells a call without a result from a failed call', () => {
  expect(succeedsUnless(['ENOENT'], () => undefined)).toBe(true)
  expect(succeedsUnless(['ENOENT'], () => readFileSync(missing))).toBe(false)
})

test('ignore catches one of the codes alone', async () => {
  await expect(readFile(missing).catch(ignore('ENOENT'))).resolves.toBeUndefined()
  await expect(readFile(missing).catch(ignore('EACCES'))).rejects.toThrow('ENOENT')
})
