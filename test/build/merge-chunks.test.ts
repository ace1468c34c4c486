import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { useCleanState } from '../support/left-nothing.ts'

const { stateDirectory } = useCleanState()
const tellsHeavyModules = ['--import', join(import.meta.dirname, '../programs/tells-heavy-modules.mjs')]

test('a test that imports the package loads nothing that only the command needs', () => {
  const script = "await import('test-services'); await import('test-services/fixtures/postgres')"
  const argv = [...tellsHeavyModules, '--input-type=module', '--eval', script]
  const { stdout, stderr } = spawnSync(process.execPath, argv, { cwd: inject('installation'), encoding: 'utf8' })
  // The fixture hashes the keys of its cache.
  expect(stdout + stderr).toBe('NativeModule crypto')
})

test('a workflow of local commands loads nothing that only other commands need', () => {
  writeFileSync(join(stateDirectory, 'workflow.yaml'), 'steps: [{ name: one, run: "true" }]')
  const command = join(inject('installation'), 'node_modules/test-services/bin/test-services')
  const argv = [...tellsHeavyModules, command, 'workflow']
  const ended = spawnSync(process.execPath, argv, { cwd: stateDirectory, encoding: 'utf8' })
  expect(ended).toMatchObject({ status: 0, stdout: '' })
})

test('the door for scripts of workflows is not replaced by merged chunks', () => {
  const argv = ['--print', 'Object.keys(require("test-services/workflow"))']
  const { stdout, stderr } = spawnSync(process.execPath, argv, { cwd: inject('installation'), encoding: 'utf8' })
  expect(stdout + stderr).toBe('[]\n')
})
