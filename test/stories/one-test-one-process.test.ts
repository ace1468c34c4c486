import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { startProcess, useUserProject } from '../support/user-project.ts'

const { stateDirectory } = useCleanState()
const project = useUserProject('')

/** Any test runner will do; this is the one of Node. */
const userTest = `
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { librarian } from 'test-services/fixtures/librarian'

test('stores a file', async () => {
  const service = librarian().create({ label: 'LIBRARIAN' })
  await service.setUp()
  try {
    const { url } = service.serviceConfig
    const config = JSON.parse(readFileSync(service.variables.LP_LIBRARIAN_CONFIGFILE, 'utf8'))
    assert.equal(config.url, url)
    const { id } = await (await fetch(url + '/files', { method: 'POST', body: 'a book' })).json()
    assert.equal(await (await fetch(url + '/files/' + id)).text(), 'a book')
    FAULT
  } finally {
    await service.cleanUp()
  }
  assert.throws(() => service.serviceConfig, { code: 'ERR_STATE' })
})
`

async function runUserTest(fault = ''): Promise<string> {
  project.write('one.test.mjs', userTest.replace('FAULT', fault))
  const { stdout } = await startProcess([process.execPath, '--test', 'one.test.mjs'], { cwd: project.directory }).ended
  return stdout
}

test('one test makes a config, starts the service, uses it, and leaves nothing', async () => {
  expect(await runUserTest()).toMatch(/^# pass 1$/m)
  await expectNothingLeft(stateDirectory)
})

test('a test that fails leaves nothing either', async () => {
  expect(await runUserTest(`assert.fail('on purpose')`)).toMatch(/^# fail 1$/m)
  await expectNothingLeft(stateDirectory)
})

test('a test process that is killed leaves nothing either', async () => {
  expect(await runUserTest(`process.kill(process.pid, 'SIGKILL')`)).toMatch(/^# fail 1$/m)
  await expectNothingLeft(stateDirectory)
})
