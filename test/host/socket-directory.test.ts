import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { chooseSocketDirectory } from '../../src/host/socket-directory.ts'

const temporary = process.env.TMPDIR

const made = mkdtempSync('/tmp/ts-places-')
afterAll(() => rmSync(made, { recursive: true }))

afterEach(() => {
  if (temporary === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = temporary
})

/** Makes it, and has it removed with what is in it. */
function useTemporary(name: string, mode = 0o700): string {
  const path = join(made, name)
  mkdirSync(path)
  chmodSync(path, mode)
  process.env.TMPDIR = path
  return path
}

test('the directory leaves room for the socket’s name', () => {
  useTemporary('d'.repeat(80))
  expect(chooseSocketDirectory(20)).toMatch(/^\/tmp\/ts-[a-z0-9]{8}$/)
  const short = useTemporary('short')
  expect(dirname(chooseSocketDirectory(20))).toBe(short)
})

test('a temporary directory that cannot be used is refused, by name and with the cure', () => {
  const refused = (path: string) => {
    process.env.TMPDIR = path
    expect(() => chooseSocketDirectory(20)).toThrow(
      expect.objectContaining({
        code: 'ERR_STATE_DIRECTORY',
        message: expect.stringMatching(
          `temporary directory ${path} cannot be used: .*; set TMPDIR to a directory that`,
        ),
      }),
    )
  }
  refused(join(made, 'nowhere'))
  refused('/etc/hostname')
})

test('a temporary directory in which everybody can replace what is ours is refused', () => {
  const open = useTemporary('open', 0o777)
  expect(() => chooseSocketDirectory(20)).toThrow(`run "chmod +t ${open}", or set TMPDIR to another directory`)
  chmodSync(open, 0o1777)
  expect(dirname(chooseSocketDirectory(20))).toBe(open)
})

test('a relative temporary directory is made absolute', () => {
  process.env.TMPDIR = relative('.', made)
  expect(chooseSocketDirectory(20)).toMatch(/^\//)
})

test('a name that fits nowhere is refused with both lengths', () => {
  process.env.TMPDIR = '/tmp'
  expect(() => chooseSocketDirectory(100)).toThrow(/needs 117 bytes, and 103 are allowed; set TMPDIR/)
})
