import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { copyTree } from '../../../src/host/files/copy-tree.ts'

const place = mkdtempSync(join(tmpdir(), 'ts-copy-'))
const original = join(place, 'original')
mkdirSync(join(original, 'open/empty'), { recursive: true })
chmodSync(original, 0o700)
chmodSync(join(original, 'open'), 0o2775)
writeFileSync(join(original, 'open/secret'), 'x'.repeat(100_000), { mode: 0o600 })
writeFileSync(join(original, 'run'), '', { mode: 0o755 })
symlinkSync('open/secret', join(original, 'link'))
symlinkSync('/nowhere', join(original, 'dangling'))

afterAll(() => rmSync(place, { recursive: true }))

test('keeps contents, modes and links', async () => {
  const copy = join(place, 'copy')
  await copyTree(original, copy)
  const names = readdirSync(original, { recursive: true, encoding: 'utf8' }).sort()
  expect(readdirSync(copy, { recursive: true, encoding: 'utf8' }).sort()).toEqual(names)
  expect(readFileSync(join(copy, 'open/secret'), 'utf8')).toBe('x'.repeat(100_000))
  expect(readlinkSync(join(copy, 'link'))).toBe('open/secret')
  expect(readlinkSync(join(copy, 'dangling'))).toBe('/nowhere')
  const kept = ['.', 'open', 'open/empty', 'open/secret', 'run']
  expect(kept.map((name) => modeOf(copy, name))).toEqual(kept.map((name) => modeOf(original, name)))
})

test('leaves out what is to be skipped', async () => {
  const copy = join(place, 'partial')
  await copyTree(original, copy, { skip: (name) => name === 'open' })
  expect(readdirSync(copy).sort()).toEqual(['dangling', 'link', 'run'])
})

test('fails on a target that exists', () => {
  expect(() => copyTree(original, original)).toThrow(expect.objectContaining({ code: 'EEXIST' }))
})

function modeOf(directory: string, name: string): number {
  return statSync(join(directory, name)).mode
}
