// A test of a user, for the test runner of Node: stores-a-file.mjs, with FAULT=fails or FAULT=is-killed for a bad end.
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
    const { id } = await (await fetch(`${url}/files`, { method: 'POST', body: 'a book' })).json()
    assert.equal(await (await fetch(`${url}/files/${id}`)).text(), 'a book')
    if (process.env.FAULT === 'fails') assert.fail('on purpose')
    if (process.env.FAULT === 'is-killed') process.kill(process.pid, 'SIGKILL')
  } finally {
    await service.cleanUp()
  }
  assert.throws(() => service.serviceConfig, { code: 'ERR_STATE' })
})
