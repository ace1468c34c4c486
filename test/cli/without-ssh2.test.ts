import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, inject, test } from 'vitest'
import { stringify } from 'yaml'
import { useCleanState } from '../support/left-nothing.ts'
import { type Ran, startProcess } from '../support/user-project.ts'

useCleanState()
const directory = mkdtempSync(join(tmpdir(), 'ts-without-ssh2-'))
afterAll(() => rmSync(directory, { recursive: true }))
const project = join(directory, 'project')
mkdirSync(project)
// Copied, not linked: Node resolves links, and would find ssh2 beside the original.
const installed = join(directory, 'node_modules/test-services')
cpSync(join(inject('installation'), 'node_modules/test-services'), installed, { recursive: true })

const missing = 'error: the client library ssh2 is not installed: npm install --save-dev ssh2\n'
const board = { type: 'ssh', host: '127.0.0.1', port: 1, user: 'nobody' }
writeFileSync(join(project, 'config.yaml'), stringify({ transports: { here: { type: 'local' }, board } }))
writeFileSync(join(project, 'commands'), 'touch ran\n')

function run(...argv: readonly string[]): Promise<Ran> {
  return startProcess([process.execPath, join(installed, 'bin/test-services'), ...argv], { cwd: project }).ended
}

/** Runs a workflow with a step on this machine before the other step. */
function runWorkflow(step: object, ...argv: readonly string[]): Promise<Ran> {
  writeFileSync(join(project, 'flow.yaml'), stringify({ steps: [{ name: 'first', run: 'touch ran' }, step] }))
  return run('workflow', 'flow.yaml', ...argv, '-c', 'config.yaml')
}

const files = (): string[] => readdirSync(project).sort()
const before = [...files(), 'flow.yaml'].sort()

test.each([
  ['step', { name: 'far', transport: 'board', run: 'true' }],
  ['script', { name: 'far', uses: 'run', with: { transport: ['here', 'board'], commands: ['true'] } }],
])('a workflow with a %s that needs ssh2 says so before anything runs', async (_, step) => {
  expect(await runWorkflow(step)).toMatchObject({ code: 4, stderr: missing })
  expect(files()).toEqual(before)
})

test('pool run and pool work with hosts of ssh say so before anything is made', async () => {
  const machines = ['--machines', 'local=1,ssh://nobody@127.0.0.1:1']
  const given = ['--commands', 'commands', '--services', 'none']
  expect(await run('pool', 'run', ...machines, ...given)).toMatchObject({ code: 2, stderr: missing })
  const queue = ['--queue', 'redis://127.0.0.1:1/0']
  expect(await run('pool', 'work', ...machines, ...queue)).toMatchObject({ code: 2, stderr: missing })
  expect(files()).toEqual(before)
})

test('a workflow runs the steps that need no ssh2', async () => {
  const elsewhere = { name: 'far', transport: 'board', run: 'true' }
  expect(await runWorkflow(elsewhere, 'first')).toMatchObject({ code: 0 })
})
