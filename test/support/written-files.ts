import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Files by their paths. */
export type WrittenFiles = Readonly<Record<string, string | Buffer>>

/** Writes files for the running test, and returns their directory. */
export function writtenFiles(files: WrittenFiles): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ts-files-')))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return root
}
