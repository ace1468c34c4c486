import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { askHolder, startControlServer } from '../../src/helper/control-server.ts'
import { NotRunningError } from '../../src/kernel/errors.ts'
import { caught } from '../support/caught.ts'

let socket: string

beforeEach(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ts-control-'))
  socket = join(directory, 'control')
  const server = await startControlServer(socket, {
    echo: async (services) => services,
    fail: async () => {
      throw new NotRunningError('no luck')
    },
    hang: () => new Promise(() => {}),
  })
  return () => {
    server.close().closeAllConnections()
    rmSync(directory, { recursive: true })
  }
})

test('answers who may enter its directory, and is closed to others', async () => {
  expect(await askHolder(socket, { action: 'echo', services: ['db'] })).toEqual(['db'])
  expect(await askHolder(socket, { action: 'echo' })).toBeNull()
  expect(statSync(socket).mode & 0o777).toBe(0o600)
})

test('an error comes back with its code', async () => {
  expect(await caught(askHolder(socket, { action: 'fail' }))).toMatchObject({
    code: 'ERR_NOT_RUNNING',
    message: 'no luck',
  })
})

test('an action that it does not know is an error', async () => {
  expect((await caught(askHolder(socket, { action: 'explode' }))).message).toContain('knows no action')
  expect((await caught(askHolder(socket, { action: 'toString' }))).message).toContain('knows no action')
})

test('a question that is not answered can be given up', async () => {
  const signal = AbortSignal.timeout(50)
  expect((await caught(askHolder(socket, { action: 'hang', signal }))).name).toMatch(/Abort|Timeout/)
})
