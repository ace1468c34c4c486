import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConfigError } from '../../src/kernel/errors.ts'
import { type Answer, LineChannel } from '../../src/kernel/line-channel.ts'
import { caught } from '../support/caught.ts'

const directory = mkdtempSync(join(tmpdir(), 'ts-channel-'))
const path = join(directory, 'channel')
const sockets: Socket[] = []

const server = createServer((socket) => {
  sockets.push(socket)
  const answer: Answer = async (action, argument) => {
    if (action === 'fail') throw new ConfigError('no luck')
    if (action === 'hang') return new Promise(() => {})
    return argument
  }
  new LineChannel(socket, { answer, other: 'the tests' })
})

beforeAll(() => new Promise<void>((resolve) => server.listen(path, resolve)))
afterAll(() => {
  for (const socket of sockets) socket.destroy()
  server.close()
  rmSync(directory, { recursive: true })
})

test('many requests at once get each its own answer, whatever is in it', async () => {
  const channel = new LineChannel(connect(path), { other: 'the other side' })
  const texts = ['one\ntwo', 'x'.repeat(200_000), '\u2028 ü 日本']
  expect(await Promise.all(texts.map((text) => channel.request('echo', { text })))).toEqual(
    texts.map((text) => ({ text })),
  )
  channel.close()
})

test('an error comes back with its name, message and code', async () => {
  const channel = new LineChannel(connect(path), { other: 'the other side' })
  const error = await caught(channel.request('fail', {}))
  expect(error).toMatchObject({ name: 'ConfigError', code: 'ERR_CONFIG', message: 'no luck' })
  channel.close()
})

test('an open request fails when the other side goes, and so does a later one', async () => {
  const channel = new LineChannel(connect(path), { other: 'the other side' })
  const hanging = caught(channel.request('hang', {}))
  await channel.request('echo', {})
  for (const socket of sockets) socket.destroy()
  expect(await hanging).toMatchObject({ code: 'ERR_STATE' })
  expect(await caught(channel.request('echo', {}))).toMatchObject({ code: 'ERR_STATE' })
})
