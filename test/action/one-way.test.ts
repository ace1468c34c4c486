import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

function filesThat(holds: (source: string) => boolean): string[] {
  const files = ['src', 'fixtures'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  )
  const sources = files.filter((name) => name.endsWith('.ts'))
  return sources.filter((name) => holds(readFileSync(join(root, name), 'utf8'))).sort()
}

function filesWith(words: string): string[] {
  return filesThat((source) => source.includes(words))
}

test('a process of a run is started by an action or as a supervised service, and in no other way', () => {
  expect(filesWith(' spawnGated(')).toEqual([
    'src/action/action-scope.ts',
    // In place of a dead holder, for which its run is on record.
    'src/action/exit-undo.ts',
    'src/process/spawn-gate.ts',
    'src/process/supervised-process.ts',
  ])
  expect(filesWith('SupervisedProcess.start(')).toEqual(['src/service/instance.ts'])
  expect(filesWith('ActionProcess.start(')).toEqual(['src/action/action.ts'])
})

test('a command is an action: of a session, of a script, or on its own', () => {
  expect(filesWith('new Action(')).toEqual([
    'src/action/execute.ts',
    'src/service/entered-script.ts',
    'src/session/actions.ts',
  ])
})

test('what else starts a process asks the system a question, or is a holder to be, or acts for another user', () => {
  const starters = /(from|import\()\s?'(node:)?(child_process|cluster|execa)'/
  expect(filesThat((source) => starters.test(source))).toEqual([
    'fixtures/postgres/installed-binaries.ts',
    'src/cli/daemonise.ts',
    'src/config/load-config.ts',
    'src/host/overlay.ts',
    'src/host/unprivileged.ts',
    'src/process/identity.ts',
    'src/process/marks.ts',
    'src/process/shared-memory.ts',
    'src/process/spawn-gate.ts',
    'src/process/sudo.ts',
    'src/process/terminal.ts',
    'src/readiness/exec.ts',
    'src/run/guardian.ts',
    'src/shell/ancestors.ts',
  ])
})
