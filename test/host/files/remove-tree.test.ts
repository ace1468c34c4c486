import { chmodSync, existsSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { removeTree } from '../../../src/host/files/remove-tree.ts'

const nobody = 65_534

/** Root may remove everything anyway. */
function beAnOrdinaryUser(): void {
  if (process.getuid?.() !== 0) return
  process.seteuid?.(nobody)
  onTestFinished(() => process.seteuid?.(0))
}

test('removes what an ordinary user has locked, and keeps what a link points to', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'ts-outside-'))
  chmodSync(outside, 0o500)
  onTestFinished(() => removeTree(outside))
  beAnOrdinaryUser()
  const tree = mkdtempSync(join(tmpdir(), 'ts-locked-'))
  const inner = join(tree, 'module/cache')
  mkdirSync(inner, { recursive: true })
  writeFileSync(join(inner, 'file'), '', { mode: 0o400 })
  symlinkSync(outside, join(inner, 'link'))
  for (const directory of [inner, join(tree, 'module'), tree]) chmodSync(directory, 0o500)
  await removeTree(tree)
  expect([existsSync(tree), existsSync(outside)]).toEqual([false, true])
})

test('a missing file is no error', async () => {
  await removeTree(join(tmpdir(), 'ts-never-made'))
})
