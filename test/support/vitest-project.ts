import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll } from 'vitest'

/**
 * Makes a project that has this project's Vitest; removed after the tests of the file. Returns its directory.
 *
 * @param files the content of each file, by name
 * @param model directory of `test/vitest/projects` to copy. Default: none
 */
export function vitestProject(files: Readonly<Record<string, string>>, model?: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'vitest-project-'))
  afterAll(() => rmSync(directory, { recursive: true, force: true }))
  if (model) cpSync(join(import.meta.dirname, '../vitest/projects', model), directory, { recursive: true })
  symlinkSync(resolve(import.meta.dirname, '../../node_modules'), join(directory, 'node_modules'))
  for (const [name, content] of Object.entries({ 'package.json': '{ "type": "module" }', ...files })) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), content)
  }
  return directory
}
