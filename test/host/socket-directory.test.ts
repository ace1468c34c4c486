import { afterEach, expect, test } from 'vitest'
import { chooseSocketDirectory, requireSocketPath } from '../../src/host/socket-directory.ts'

const temporary = process.env.TMPDIR

afterEach(() => {
  if (temporary === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = temporary
})

test('the directory leaves room for the socket’s name', () => {
  process.env.TMPDIR = `/tmp/${'d'.repeat(80)}`
  expect(chooseSocketDirectory(20)).toMatch(/^\/tmp\/ts-[a-z0-9]{8}$/)
  process.env.TMPDIR = '/tmp/short'
  expect(chooseSocketDirectory(20)).toMatch(/^\/tmp\/short\/ts-[a-z0-9]{8}$/)
})

test('a relative temporary directory is made absolute', () => {
  process.env.TMPDIR = '../../tmp'
  expect(chooseSocketDirectory(20)).toMatch(/^\//)
})

test('a name that fits nowhere is refused with both lengths', () => {
  process.env.TMPDIR = '/tmp'
  expect(() => chooseSocketDirectory(100)).toThrow(/needs 117 bytes, and 103 are allowed; set TMPDIR/)
})

test('a path of 103 bytes is accepted, and of 104 refused', () => {
  const path = `/${'s'.repeat(102)}`
  expect(requireSocketPath(path)).toBe(path)
  expect(() => requireSocketPath(`${path}s`)).toThrow(expect.objectContaining({ code: 'ERR_STATE_DIRECTORY' }))
})
