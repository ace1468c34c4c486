import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { cacheDirectory } from '../../../src/host/cache/cache-directory.ts'

const home = mkdtempSync(join(tmpdir(), 'ts-home-'))
const fallback = join(tmpdir(), `test-services-cache-${process.getuid?.()}`)
const hadFallback = existsSync(fallback)

afterAll(() => {
  rmSync(home, { recursive: true })
  if (!hadFallback) rmSync(fallback, { recursive: true, force: true })
})

test('is below XDG_CACHE_HOME, else below ~/.cache, and private', () => {
  const declared = cacheDirectory({ XDG_CACHE_HOME: join(home, 'xdg'), HOME: home })
  expect(declared).toBe(join(home, 'xdg/test-services'))
  expect(cacheDirectory({ HOME: home })).toBe(join(home, '.cache/test-services'))
  expect(statSync(declared).mode & 0o777).toBe(0o700)
})

test('is a private one of the temporary directory when there is no home', () => {
  expect(cacheDirectory({ HOME: '/proc/nowhere' })).toBe(fallback)
  expect(statSync(fallback).mode & 0o777).toBe(0o700)
})

test('is not one that is a link, or that others can write to', () => {
  const [linked, open] = [join(home, 'linked'), join(home, 'open')]
  mkdirSync(linked)
  symlinkSync(home, join(linked, 'test-services'))
  mkdirSync(join(open, 'test-services'), { recursive: true })
  chmodSync(join(open, 'test-services'), 0o777)
  expect(cacheDirectory({ XDG_CACHE_HOME: linked })).toBe(fallback)
  expect(cacheDirectory({ XDG_CACHE_HOME: open })).toBe(fallback)
})
