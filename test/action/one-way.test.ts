import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

function filesThatImport(module: RegExp): string[] {
  const files = ['src', 'fixtures'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  )
  const sources = files.filter((name) => name.endsWith('.ts'))
  return sources.filter((name) => module.test(readFileSync(join(root, name), 'utf8'))).sort()
}

test('a process of a run is started by an action or as a supervised service, and in no other way', () => {
  expect(filesThatImport(/import [^\n]*from '[./]*(process)?\/spawn-gate\.ts'/)).toEqual(
    expect.arrayContaining(['src/action/action-scope.ts', 'src/process/supervised-process.ts']),
  )
  expect(filesThatImport(/import [^\n]*\bspawnGated\b/)).toEqual([
    'src/action/action-scope.ts',
    'src/process/supervised-process.ts',
  ])
})

test('what else starts a process asks the system a question, or stands in for a holder, dead or to be', () => {
  expect(filesThatImport(/(from|import\()\s?'(node:child_process|execa)'/)).toEqual([
    'fixtures/librarian/server/misbehaviour.ts',
    'fixtures/postgres/installed-binaries.ts',
    'src/action/exit-undo.ts',
    'src/cli/daemonise.ts',
    'src/config/load-config.ts',
    'src/host/unprivileged.ts',
    'src/process/identity.ts',
    'src/process/marks.ts',
    'src/process/shared-memory.ts',
    'src/process/spawn-gate.ts',
    'src/process/terminal.ts',
    'src/readiness/exec.ts',
    'src/run/guardian.ts',
    'src/shell/ancestors.ts',
  ])
})
