import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { blocksOf, filesOf } from '../support/documents.ts'
import { useCleanState } from '../support/left-nothing.ts'

useCleanState()

/** Writes the files that a document shows to a directory, and runs one of them; returns the directory. */
function run(document: string, program: string): string {
  const directory = join(inject('installation'), `${program}-project`)
  mkdirSync(directory)
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}')
  for (const [name, code] of filesOf(blocksOf(document, 'ts', 'js'))) writeFileSync(join(directory, name), code)
  const argv = ['--import', 'tsx', program]
  const said = execFileSync(process.execPath, argv, { cwd: directory, encoding: 'utf8' })
  expect(said).toBe(blocksOf(document, 'text')[0]?.code)
  return directory
}

test('the example of docs/sessions.md prints the output that the page shows', () => {
  const directory = run('docs/sessions.md', 'session.ts')
  expect(readFileSync(join(directory, 'report'), 'utf8')).toBe('on version 7 in en\n')
})

test('the example of docs/scripts.md prints the output that the page shows', () => {
  run('docs/scripts.md', 'service.ts')
})

test('the example of docs/pool-programs.md prints the output that the page shows', () => {
  const directory = run('docs/pool-programs.md', 'pool.ts')
  const rows = readFileSync(join(directory, 'results/results.jsonl'), 'utf8').trim().split('\n')
  expect(rows.map((row) => JSON.parse(row).slice(1, 3)).sort()).toEqual(
    ['/erase', '/flaky', '/login', '/smoke'].map((name) => ['pass', name]),
  )
})
