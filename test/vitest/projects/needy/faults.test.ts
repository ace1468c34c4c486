import { expect } from 'vitest'
import { ask } from '../support.ts'
import { test } from './test.ts'

test('stops the api, which the slot has for itself', async ({ api }) => {
  const { pid } = api
  await api.restart()
  await ask(api)
  expect(api.pid).not.toBe(pid)
  await api.stop()
  await expect(ask(api)).rejects.toThrow()
})

test('finds it started again', async ({ api, library }) => {
  expect(await ask(api)).toBe(library.serviceConfig.url)
})

test('cannot stop the library, which the slots share', async ({ library }) => {
  const refusal = expect.stringContaining("useService(…, { instance: 'unique' })")
  await expect(library.stop()).rejects.toMatchObject({ code: 'ERR_STATE', message: refusal })
  expect(() => library.network).toThrow("useService(…, { instance: 'unique' })")
})
