import { spawnSync } from 'node:child_process'
import { expect, inject, test } from 'vitest'

test('a test that imports the package loads nothing that only the command needs', () => {
  const script = `
    await import('test-services')
    await import('test-services/fixtures/postgres')
    console.log(process.moduleLoadList.filter((name) => /^NativeModule (http|v8|readline)$/.test(name)))`
  const argv = ['--input-type=module', '--eval', script]
  const { stdout, stderr } = spawnSync(process.execPath, argv, { cwd: inject('installation'), encoding: 'utf8' })
  expect(stdout + stderr).toBe('[]\n')
})
