import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type FmfSearch, fmfList } from '../../src/fmf/fmf-list.ts'

/** Files of a tree by their paths; a file of format version 1 is added. */
export type TreeFiles = Readonly<Record<string, string | Buffer>>

/** Writes a tree for the running test, and returns its directory. */
export function fmfTree(files: TreeFiles): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ts-fmf-')))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, content] of Object.entries({ '.fmf/version': '1\n', ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return root
}

/** Returns the data of the listed nodes by their names. */
export async function listed(files: TreeFiles, search?: FmfSearch): Promise<Record<string, unknown>> {
  const nodes = await fmfList(fmfTree(files), search)
  return Object.fromEntries(nodes.map(({ name, data }) => [name, data]))
}
