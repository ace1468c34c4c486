import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { useCleanState } from '../support/left-nothing.ts'

useCleanState()

const document = readFileSync(join(import.meta.dirname, '../../docs/sessions.md'), 'utf8')

function blocks(language: string): string[] {
  return [...document.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, code = '']) => code)
}

test('the examples of docs/sessions.md do what they say', () => {
  const directory = join(inject('installation'), 'sessions-document')
  mkdirSync(directory)
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}')
  const files = [...blocks('ts'), ...blocks('js')].map((code) => [/^\/\/ (\S+)\n/.exec(code)?.[1] ?? '', code] as const)
  expect(files.map(([name]) => name).sort()).toEqual([
    'migrate.mjs',
    'notes.mjs',
    'seed.mjs',
    'service.ts',
    'session.ts',
  ])
  for (const [name, code] of files) writeFileSync(join(directory, name), code)
  // `await using` is newer than Node 20.
  for (const [index, file] of ['session.ts', 'service.ts'].entries()) {
    const said = execFileSync(process.execPath, ['--import', 'tsx', file], { cwd: directory, encoding: 'utf8' })
    expect(said).toBe(blocks('text')[index])
  }
  expect(readFileSync(join(directory, 'report'), 'utf8')).toBe('on version 7 in en\n')
})
