import { expect, test } from 'vitest'
import { removeTenant } from '../../src/fixture.ts'
import { caught } from '../support/caught.ts'

/** Removes a tenant of a server whose connection opens so; returns what happened. */
async function attempt(open: () => Promise<void>, remove = async (): Promise<void> => {}): Promise<string[]> {
  const calls: string[] = []
  const connection = { close: () => void calls.push('close') }
  const removal = {
    what: 'the user "ada"',
    limitMs: 1_000,
    open: () => open().then(() => connection),
    isOtherServer: ({ message }: Error) => message === 'wrong password',
  }
  await removeTenant(removal, async () => {
    calls.push('remove')
    await remove()
  }).catch((error) => calls.push(error.message))
  return calls
}

const failing = (error: object) => () => Promise.reject(Object.assign(new Error('not now'), error))

test('a tenant is removed over a connection that is closed afterwards', async () => {
  expect(await attempt(async () => {})).toEqual(['remove', 'close'])
})

test('a failing removal is an error, and the connection is closed', async () => {
  expect(await attempt(async () => {}, failing({}))).toEqual(['remove', 'close', 'not now'])
})

test.each([
  ['nobody listens at the port', { code: 'ECONNREFUSED' }],
  ['another server has the port', { message: 'wrong password' }],
])('the tenant is gone with its server if %s', async (_why, error) => {
  expect(await attempt(failing(error))).toEqual([])
})

test('a server that cannot be asked may still have the tenant', async () => {
  expect(await attempt(failing({ code: 'EHOSTUNREACH' }))).toEqual(['not now'])
})

test('a server that resets connections is asked again, until it is gone or answers', async () => {
  const errors = [{ code: 'ECONNRESET' }, { code: 'EPIPE' }]
  const dying = () => failing(errors.shift() ?? { code: 'ECONNREFUSED' })()
  expect(await attempt(dying)).toEqual([])
  errors.push({ code: 'ECONNRESET' })
  const busy = () => (errors.length > 0 ? dying() : Promise.resolve())
  expect(await attempt(busy)).toEqual(['remove', 'close'])
})

test('the removal ends in its time', async () => {
  const never = () => new Promise<{ close(): void }>(() => {})
  const removal = { what: 'the user "ada"', limitMs: 10, open: never, isOtherServer: () => false }
  expect(await caught(removeTenant(removal, async () => {}))).toMatchObject({ code: 'ERR_DEADLINE' })
})
