import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureOwnDirectory } from '../../src/host/reach.ts'
import { makeDirectory } from '../../src/run/directory.ts'

const directory = mkdtempSync(join(tmpdir(), 'ts-reach-'))
let umask: number
beforeAll(() => {
  umask = process.umask(0o077)
})
afterAll(() => {
  process.umask(umask)
  rmSync(directory, { recursive: true })
})

function modeOf(path: string): number {
  return statSync(path).mode & 0o777
}

test('a directory that others pass through is open to them, whatever the umask', async () => {
  const present = join(directory, 'present')
  mkdirSync(present)
  const data = join(directory, 'data')
  await makeDirectory({ path: data }, 0o711)
  const open = [join(directory, 'made'), present].map((path) => ensureOwnDirectory(path, 0o711))
  expect([...open, data].map(modeOf)).toEqual([0o711, 0o711, 0o711])
})
