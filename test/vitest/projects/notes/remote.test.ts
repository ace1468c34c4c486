import { expect } from 'vitest'
import { test } from './test.ts'

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
  const error = { name: 'StateError', code: 'ERR_STATE', message: 'there is no room' }
  await expect(notes.refuse()).rejects.toMatchObject(error)
})

test('says what cannot pass', async ({ notes }) => {
  const advice = /between a worker and the main process .* useService\(…, { instance: 'unique' }\)/
  await expect(notes.keep(() => {})).rejects.toThrow(advice)
  await expect(notes.make()).rejects.toThrow(advice)
})

test('has its public face, and nothing that is not known here', async ({ notes }) => {
  expect(notes.label).toBe('NOTES')
  expect(notes.serviceConfig).toEqual({ url: 'notes:', password: 'secret-of-notes' })
  expect(notes.variables.LP_NOTES_URL).toBe('notes:')
  expect(notes.redact('a secret-of-notes')).toBe('a ********')
  expect([Reflect.get(notes, 'unknown'), Reflect.get(notes, 'then')]).toEqual([undefined, undefined])
  expect(() => notes.limit).toThrow(/notes\.limit stays in the main process .* useService/)
  expect(await notes).toBe(notes)
})
