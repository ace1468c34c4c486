import { expect, test } from 'vitest'
import { expectNothingLeft, useCleanState } from '../support/left-nothing.ts'
import { createProject } from './project.ts'

const { stateDirectory } = useCleanState()

/** A fixture with methods of its own. */
const notes = `
import { defineService, ExternalService, StateError } from 'test-services/fixture'
class Notes extends ExternalService {
  limit = 3
  async start() { return { url: 'notes:', password: 'secret-of-notes' } }
  configFromVariables() { return { url: 'notes:' } }
  async verify() {}
  async makePristine() { this.kept = undefined }
  async keep(...values) { this.kept = values }
  async recall() { return this.kept }
  async refuse() { throw new StateError('there is no room') }
  async make() { return () => {} }
}
export const notes = () => defineService({ kind: 'notes', create: (init) => new Notes(init) })`

test('what a service can do besides is done in the main process, with values as they are', async () => {
  const project = await createProject({
    'notes.ts': notes,
    'test-services.config.ts': `
import { defineConfig } from 'test-services'
import { notes } from './notes.ts'
export default defineConfig({ services: { notes: notes() } })`,
    'a.test.ts': `
import { expect } from 'vitest'
import { test } from './support.ts'
test('keeps values', async ({ notes }) => {
  const values = [new Date(0), new Map([['one', 1n]]), undefined, new Uint8Array([1, 2])]
  await notes.keep(...values)
  expect(await notes.recall()).toEqual(values)
})
test('is reset, also by itself', async ({ notes }) => {
  expect(await notes.recall()).toBeUndefined()
  await notes.keep('one')
  await notes.check()
  await notes.reset()
  expect(await notes.recall()).toBeUndefined()
})
test('throws what it throws', async ({ notes }) => {
  await expect(notes.refuse()).rejects.toMatchObject({ name: 'StateError', code: 'ERR_STATE', message: 'there is no room' })
})
test('says what cannot pass', async ({ notes }) => {
  const advice = /between a worker and the main process .* useService\\(…, { instance: 'unique' }\\)/
  await expect(notes.keep(() => {})).rejects.toThrow(advice)
  await expect(notes.make()).rejects.toThrow(advice)
})
test('has its public face, and nothing that is not known here', async ({ notes }) => {
  expect(notes.label).toBe('NOTES')
  expect(notes.serviceConfig).toEqual({ url: 'notes:', password: 'secret-of-notes' })
  expect(notes.variables.LP_NOTES_URL).toBe('notes:')
  expect(notes.redact('a secret-of-notes')).toBe('a ********')
  expect(notes.logSince(notes.logPosition())).toBe('')
  expect([notes.unknown, notes.then]).toEqual([undefined, undefined])
  expect(() => notes.limit).toThrow(/notes\\.limit stays in the main process .* useService/)
  expect(await notes).toBe(notes)
})`,
  })
  const { output } = await project.run()
  expect(output).toContain('5 passed')
  await expectNothingLeft(stateDirectory)
})

test('snapshots are taken and restored in the database of the worker', async () => {
  const project = await createProject(
    {
      'snapshot.test.ts': `
import pg from 'pg'
import { expect } from 'vitest'
import { test } from './support.ts'
test('restores', async ({ db }) => {
  const client = new pg.Client(db.serviceConfig.url)
  client.on('error', () => {})
  await client.connect()
  await client.query("INSERT INTO users VALUES ('Ada')")
  await client.end()
  await db.snapshot('with-ada')
  await db.reset()
  await db.restore('with-ada')
  const again = new pg.Client(db.serviceConfig.url)
  await again.connect()
  expect((await again.query('SELECT name FROM users')).rows).toEqual([{ name: 'Ada' }])
  await again.end()
})`,
    },
    'in-process',
  )
  expect((await project.run(['run', 'snapshot.test.ts'])).output).toContain('1 passed')
})
